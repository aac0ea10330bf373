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
        var own = Values(alert, readings, now);
        if (alert.Combine is not { } combine)
        {
            return own;
        }

        var other = Values(combine.Of, readings, now);
        return own.Keys.Union(other.Keys, StringComparer.Ordinal).Take(MostGroups)
            .ToDictionary(group => group, group => Reckon(combine, Of(own, alert, group), Of(other, combine.Of, group)), StringComparer.Ordinal);
    }

    private static Dictionary<string, double?> Values(AlertResource alert, Readings readings, DateTimeOffset now)
    {
        var series = KnownMetrics.SeriesOf(alert);
        var all = (alert.Value is AlertValue.Now ? readings.Now(series, now) : readings.Grown(series, alert.Over, now)).Select(r => (Labels: Labels.Read(r.Labels), r.Value)).ToArray();
        var groups = all.Where(r => alert.Value is AlertValue.Share || Matches(alert, r.Labels)).GroupBy(r => Group(alert, r.Labels), StringComparer.Ordinal);
        return groups.Take(MostGroups).ToDictionary(g => g.Key, g => Value(alert, [.. g]), StringComparer.Ordinal);
    }

    // What did not grow is not told of.
    private static double? Of(Dictionary<string, double?> values, AlertResource alert, string group) =>
        values.TryGetValue(group, out var value) ? value : alert.Value is AlertValue.Increase or AlertValue.Rate ? 0 : null;

    private static double? Reckon(AlertOperand combine, double? first, double? second) => combine.Operation switch
    {
        AlertOperation.Plus => first + second,
        AlertOperation.Minus => first - second,
        AlertOperation.Times => first * second,
        _ => second is null or 0 || Events(combine.Of, second.Value) < combine.Of.Least ? null : first / second,
    };

    private static double Events(AlertResource alert, double value) => alert.Value switch
    {
        AlertValue.Increase => value,
        AlertValue.Rate => value * alert.Over.TotalSeconds,
        _ => double.PositiveInfinity,
    };

    /// <summary>The condition, for people.</summary>
    public static string Describe(AlertResource alert)
    {
        var bound = alert.Above is { } above ? Invariant($"above {above}") : Invariant($"below {alert.Below}");
        var second = alert.Combine switch
        {
            null => "",
            { Operation: AlertOperation.Divide } combine => $" divided by {DescribeValue(combine.Of)}",
            var combine => $" {combine.Operation.ToString().ToLowerInvariant()} {DescribeValue(combine.Of)}",
        };
        return $"{DescribeValue(alert)}{second} {bound}{(alert.For > TimeSpan.Zero ? $" for {Durations.Format(alert.For)}" : "")}";

        static string Invariant(FormattableString text) => FormattableString.Invariant(text);
    }

    private static string DescribeValue(AlertResource alert)
    {
        var labels = string.Join(", ", alert.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={string.Join('|', l.Value)}"));
        var what = alert.Value is AlertValue.Now ? alert.Merge.ToString().ToLowerInvariant() : alert.Value.ToString().ToLowerInvariant();
        var over = alert.Value is AlertValue.Now ? "" : $" over {Durations.Format(alert.Over)}";
        return $"{what} of {alert.Metric}{(labels.Length > 0 ? $"{{{labels}}}" : "")}{over}";
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
