using Sluice.Grains.Usage.Results;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>What the versions of a prompt did: the requests that ended in some days.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="Versions">By version.</param>
/// <param name="Targets">The same by version and the target that answered.</param>
/// <param name="Baseline">The version that others are compared with; null: there are no two.</param>
/// <param name="Differences">Of each other version to it.</param>
public sealed record PromptResultsAnswer(
    string Prompt, DateOnly From, DateOnly To, IReadOnlyList<PromptResult> Versions, IReadOnlyList<PromptResult> Targets, int? Baseline, IReadOnlyList<PromptDifference> Differences)
{
    internal static PromptResultsAnswer Of(string prompt, DateOnly from, DateOnly to, PromptResults results, int? baseline)
    {
        var compared = results.Versions.Count > 1 ? baseline ?? results.Versions.Keys.First() : (int?)null;
        return new PromptResultsAnswer(
            prompt,
            from,
            to,
            [.. results.Versions.Select(version => PromptResult.Of(version.Key, null, version.Value))],
            [.. results.Targets.Select(target => PromptResult.Of(target.Key.Version, target.Key.Target, target.Value))],
            compared,
            compared is { } number && results.Versions.TryGetValue(number, out var other)
                ? [.. results.Versions.Where(version => version.Key != number).Select(version => PromptDifference.Of(version.Key, version.Value, other))]
                : []);
    }
}

/// <summary>What a version did.</summary>
/// <param name="Target">The target that answered, as <c>provider/model</c>; null: all of them.</param>
/// <param name="Requests">Each once, with all of its attempts.</param>
/// <param name="Failures">Requests whose client got no answer, for a reason that is not its own: 5xx, 401, 403, 404 and 429 of providers, and edges that were lost.</param>
/// <param name="FailureRate">Of the requests.</param>
/// <param name="InputTokens">Of all attempts.</param>
/// <param name="OutputTokens">Of all attempts.</param>
/// <param name="Cost">Of all attempts, in US dollars.</param>
/// <param name="Latency">Of those that were answered; null: none was.</param>
/// <param name="Scores">What clients said of the answers, by name.</param>
public sealed record PromptResult(
    int Version, string? Target, long Requests, long Failures, Estimate FailureRate, long InputTokens, long OutputTokens, string Cost, LatencyResult? Latency, IReadOnlyList<ScoreResult> Scores)
{
    internal static PromptResult Of(int version, string? target, ResultFigures figures) => new(
        version,
        target,
        figures.Requests,
        figures.Failed,
        Estimate.Of(figures.Failures),
        figures.InputTokens,
        figures.OutputTokens,
        Money.Format(figures.CostNano),
        figures.Time(0.5) is { } median && figures.Time(0.95) is { } late ? new LatencyResult(Round(median), Round(late), Round(figures.Times.Mean)) : null,
        [.. figures.Scores.Select(score => new ScoreResult(score.Key, score.Value.Count, Estimate.Of(score.Value)))]);

    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}

/// <summary>From a request's coming to the last byte of its answer, in milliseconds.</summary>
/// <param name="P50">Half of them took no longer.</param>
/// <param name="P95">95 of 100 took no longer.</param>
public sealed record LatencyResult(double P50, double P95, double Mean);

/// <summary>What clients said under one name.</summary>
/// <param name="Count">Scored requests.</param>
/// <param name="Mean">Of their scores, 0 to 1.</param>
public sealed record ScoreResult(string Name, long Count, Estimate Mean);

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

/// <summary>What a version has more than the baseline; where the interval does not hold 0 it is no chance.</summary>
/// <param name="Latency">Of the means, in milliseconds; null: one of them answered nothing.</param>
/// <param name="CostPerRequest">Of the means, in US dollars.</param>
/// <param name="Scores">By the names under which both were scored.</param>
public sealed record PromptDifference(int Version, Estimate FailureRate, Estimate? Latency, Estimate CostPerRequest, IReadOnlyList<ScoreDifference> Scores)
{
    private const double NanoInDollar = 1e9;

    internal static PromptDifference Of(int version, ResultFigures mine, ResultFigures baseline) => new(
        version,
        Of(mine.Failures, baseline.Failures),
        mine.Times.Count > 0 && baseline.Times.Count > 0 ? Of(mine.Times, baseline.Times, 1) : null,
        Of(mine.Costs, baseline.Costs, NanoInDollar),
        [.. mine.Scores.Where(score => baseline.Scores.ContainsKey(score.Key)).Select(score => new ScoreDifference(score.Key, Of(score.Value, baseline.Scores[score.Key])))]);

    private static Estimate Of(BoundedSample mine, BoundedSample other) => Estimate.Of(mine.Mean - other.Mean, mine.DifferenceTo(other));

    private static Estimate Of(Sample mine, Sample other, double unit) => Estimate.Of(
        (mine.Mean - other.Mean) / unit, mine.DifferenceTo(other) is { } interval ? new Interval(interval.Low / unit, interval.High / unit) : null);
}

/// <summary>The difference of two means of scores.</summary>
public sealed record ScoreDifference(string Name, Estimate Mean);
