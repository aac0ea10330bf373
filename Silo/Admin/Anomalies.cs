using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Hours that are unlike what is usual.</summary>
/// <param name="Measure">What was looked at; cost in US dollar, latencies in milliseconds.</param>
/// <param name="Looked">Hours for which it is known what is usual.</param>
/// <param name="Unknown">Hours for which too little of the weeks before is in the log.</param>
/// <param name="Items">The most unusual first.</param>
public sealed record AnomaliesAnswer(DateTimeOffset From, DateTimeOffset To, CallMeasure Measure, int Looked, int Unknown, IReadOnlyList<Anomaly> Items);

/// <summary>An hour that is unlike what is usual.</summary>
/// <param name="Hour">Its begin, UTC.</param>
/// <param name="Value">What there was.</param>
/// <param name="Usual">The median of the same hours of the weeks before.</param>
/// <param name="Deviations">How many robust deviations it lies above, or below where less than 0.</param>
public sealed record Anomaly(DateTimeOffset Hour, double Value, double Usual, double Deviations);

/// <summary>Looks for hours that are unlike what is usual. Pure.</summary>
internal static class Anomalies
{
    private const int LearnDays = 57;
    private const int MostItems = 100;
    private const long SecondsPerHour = 3_600;

    /// <summary>From when on hours are needed to know what is usual.</summary>
    public static DateTimeOffset LearnFrom(DateTimeOffset from) => from.AddDays(-LearnDays);

    /// <summary>Those of a time.</summary>
    /// <param name="hours">Sums by hour since 1970, from <see cref="LearnFrom"/> on.</param>
    /// <param name="measure">Of what.</param>
    /// <param name="filter">Says of which time.</param>
    /// <param name="least">How many deviations are told.</param>
    /// <param name="now">The hour under way is not looked at.</param>
    public static AnomaliesAnswer Of(IReadOnlyDictionary<long, double> hours, CallMeasure measure, CallFilter filter, double least, DateTimeOffset now)
    {
        var isSum = measure is not (CallMeasure.Latency or CallMeasure.FirstToken);
        var unit = measure is CallMeasure.Cost ? 1e9 : isSum ? 1 : 1_000;
        var scaled = hours.ToDictionary(hour => hour.Key, hour => hour.Value / unit);
        var baseline = new SeasonalBaseline(scaled, hours.Count == 0 ? long.MaxValue : hours.Keys.Min(), isSum, measure is CallMeasure.Calls or CallMeasure.Failures);
        var (looked, unknown, items) = (0, 0, new List<Anomaly>());
        for (var hour = filter.From.ToUnixTimeSeconds() / SecondsPerHour; hour <= filter.To.ToUnixTimeSeconds() / SecondsPerHour && hour < now.ToUnixTimeSeconds() / SecondsPerHour; hour++)
        {
            if (!scaled.TryGetValue(hour, out var value) && !isSum)
            {
                continue;
            }

            if (baseline.At(hour) is not { } usual)
            {
                unknown++;
                continue;
            }

            looked++;
            if (Math.Abs(usual.Score(value)) is var score && score >= least)
            {
                items.Add(new Anomaly(DateTimeOffset.FromUnixTimeSeconds(hour * SecondsPerHour), Math.Round(value, 9), Math.Round(usual.Median, 9), Math.Round(usual.Score(value), 2)));
            }
        }

        return new AnomaliesAnswer(filter.From, filter.To, measure, looked, unknown, [.. items.OrderByDescending(item => Math.Abs(item.Deviations)).Take(MostItems)]);
    }
}
