using Sluice.Grains.Usage.Results;

namespace Sluice.Silo.Admin;

/// <summary>From a request's coming to the last byte of its answer, in milliseconds.</summary>
/// <param name="P50">Half of them took no longer.</param>
/// <param name="P95">95 of 100 took no longer.</param>
public sealed record LatencyResult(double P50, double P95, double Mean)
{
    internal static LatencyResult? Of(ResultFigures figures) =>
        figures.Time(0.5) is { } median && figures.Time(0.95) is { } late ? new LatencyResult(Round(median), Round(late), Round(figures.Times.Mean)) : null;

    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}

/// <summary>What clients said under one name.</summary>
/// <param name="Count">Scored requests.</param>
/// <param name="Mean">Of their scores, 0 to 1.</param>
public sealed record ScoreResult(string Name, long Count, Estimate Mean)
{
    internal static IReadOnlyList<ScoreResult> Of(ResultFigures figures) => [.. figures.Scores.Select(score => new ScoreResult(score.Key, score.Value.Count, Estimate.Of(score.Value)))];
}

/// <summary>A value, and where the true one lies with 95 % confidence.</summary>
/// <param name="Low">Null: there is too little to say.</param>
/// <param name="High">Null with <paramref name="Low"/>.</param>
public sealed record Estimate(double Value, double? Low, double? High)
{
    private const int Digits = 9;

    internal static Estimate Of(BoundedSample sample) => Of(sample.Mean, sample.Interval);

    internal static Estimate Of(double value, Interval? interval) =>
        new(Math.Round(value, Digits), interval is { } known ? Math.Round(known.Low, Digits) : null, interval is { } same ? Math.Round(same.High, Digits) : null);
}

/// <summary>The difference of two means of scores.</summary>
public sealed record ScoreDifference(string Name, Estimate Mean);

/// <summary>What some requests have more than others.</summary>
internal sealed record FiguresDifference(Estimate FailureRate, Estimate? Latency, Estimate CostPerRequest, IReadOnlyList<ScoreDifference> Scores)
{
    private const double NanoInDollar = 1e9;

    public static FiguresDifference Of(ResultFigures mine, ResultFigures baseline) => new(
        Of(mine.Failures, baseline.Failures),
        mine.Times.Count > 0 && baseline.Times.Count > 0 ? Of(mine.Times, baseline.Times, 1) : null,
        Of(mine.Costs, baseline.Costs, NanoInDollar),
        [.. mine.Scores.Where(score => baseline.Scores.ContainsKey(score.Key)).Select(score => new ScoreDifference(score.Key, Of(score.Value, baseline.Scores[score.Key])))]);

    private static Estimate Of(BoundedSample mine, BoundedSample other) => Estimate.Of(mine.Mean - other.Mean, mine.DifferenceTo(other));

    private static Estimate Of(Sample mine, Sample other, double unit) => Estimate.Of(
        (mine.Mean - other.Mean) / unit, mine.DifferenceTo(other) is { } interval ? new Interval(interval.Low / unit, interval.High / unit) : null);
}
