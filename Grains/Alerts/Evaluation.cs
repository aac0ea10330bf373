using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Alerts;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Alerts;

/// <summary>What an alert's condition comes to over what processes told. Plain rules.</summary>
internal static class Evaluation
{
    /// <summary>The most groups of one alert; those beyond are not evaluated.</summary>
    public const int MostGroups = 50;

    /// <summary>The value for each group of the alert's labels; null: there was too little to tell.</summary>
    public static IReadOnlyDictionary<string, double?> Of(AlertResource alert, Readings readings, DateTimeOffset now)
    {
        var series = KnownMetrics.SeriesOf(alert);
        var all = (alert.Value is AlertValue.Now ? readings.Now(series, now) : readings.Grown(series, alert.Over, now)).Select(r => (Labels: Labels.Read(r.Labels), r.Value)).ToArray();
        var groups = all.Where(r => alert.Value is AlertValue.Share || Matches(alert, r.Labels)).GroupBy(r => Group(alert, r.Labels), StringComparer.Ordinal);
        return groups.Take(MostGroups).ToDictionary(g => g.Key, g => Value(alert, [.. g]), StringComparer.Ordinal);
    }

    /// <summary>The condition, for people.</summary>
    public static string Describe(AlertResource alert)
    {
        var labels = string.Join(", ", alert.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={string.Join('|', l.Value)}"));
        var what = alert.Value is AlertValue.Now ? alert.Merge.ToString().ToLowerInvariant() : alert.Value.ToString().ToLowerInvariant();
        var over = alert.Value is AlertValue.Now ? "" : $" over {Durations.Format(alert.Over)}";
        var bound = alert.Above is { } above ? Invariant($"above {above}") : Invariant($"below {alert.Below}");
        return $"{what} of {alert.Metric}{(labels.Length > 0 ? $"{{{labels}}}" : "")}{over} {bound}{(alert.For > TimeSpan.Zero ? $" for {Durations.Format(alert.For)}" : "")}";

        static string Invariant(FormattableString text) => FormattableString.Invariant(text);
    }

    private static double? Value(AlertResource alert, (ImmutableDictionary<string, string> Labels, double Value)[] group) => alert.Value switch
    {
        AlertValue.Now when alert.Merge is AlertMerge.Max => group.Max(r => r.Value),
        AlertValue.Now when alert.Merge is AlertMerge.Min => group.Min(r => r.Value),
        AlertValue.Now or AlertValue.Increase => group.Sum(r => r.Value),
        AlertValue.Rate => group.Sum(r => r.Value) / alert.Over.TotalSeconds,
        AlertValue.Share => group.Sum(r => r.Value) is var all && all > 0 && all >= alert.Least ? group.Where(r => Matches(alert, r.Labels)).Sum(r => r.Value) / all : null,
        AlertValue.P50 => Quantile(alert, group, 0.5),
        AlertValue.P90 => Quantile(alert, group, 0.9),
        AlertValue.P95 => Quantile(alert, group, 0.95),
        _ => Quantile(alert, group, 0.99),
    };

    // As Prometheus' histogram_quantile has it: ranges are cumulative, and within one the values are spread evenly.
    private static double? Quantile(AlertResource alert, (ImmutableDictionary<string, string> Labels, double Value)[] group, double quantile)
    {
        var ranges = group.GroupBy(r => End(r.Labels)).Select(g => (End: g.Key, Count: g.Sum(r => r.Value))).OrderBy(r => r.End).ToArray();
        if (ranges is [] || ranges[^1].Count is var all && (all <= 0 || all < alert.Least))
        {
            return null;
        }

        var (rank, begin, before) = (quantile * ranges[^1].Count, 0.0, 0.0);
        foreach (var (end, count) in ranges)
        {
            if (count >= rank)
            {
                return double.IsPositiveInfinity(end) ? begin : begin + ((end - begin) * (rank - before) / Math.Max(count - before, double.Epsilon));
            }

            (begin, before) = (end, count);
        }

        return begin;

        static double End(ImmutableDictionary<string, string> labels) => labels.GetValueOrDefault("le") is { } le && double.TryParse(le, NumberStyles.Float, CultureInfo.InvariantCulture, out var end) ? end : double.PositiveInfinity;
    }

    private static bool Matches(AlertResource alert, ImmutableDictionary<string, string> labels) =>
        alert.Labels.All(wanted => wanted.Value.Contains(labels.GetValueOrDefault(KnownMetrics.LabelOf(wanted.Key), ""), StringComparer.Ordinal));

    private static string Group(AlertResource alert, ImmutableDictionary<string, string> labels) =>
        string.Join(',', alert.By.Select(name => $"{name}={labels.GetValueOrDefault(KnownMetrics.LabelOf(name), "")}"));
}
