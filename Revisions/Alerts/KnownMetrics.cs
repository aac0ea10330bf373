using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Alerts;

/// <summary>
/// The metrics that alerts may be over: those that silos and edges declare. They are declared where they are counted, which is not known here, so this is a list of them that a test writes anew and
/// compares.
/// </summary>
public static class KnownMetrics
{
    private static readonly FrozenDictionary<string, Metric> ByName = Read().ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);

    /// <summary>All names.</summary>
    public static ImmutableArray<string> Names => ByName.Keys;

    /// <summary>By its name; null: there is none.</summary>
    public static Metric? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The series that an alert looks at, as Prometheus' text has it.</summary>
    public static string SeriesOf(AlertResource alert)
    {
        var metric = Find(alert.Metric)!;
        return metric.Shape is not MetricShape.Histogram ? metric.PrometheusName
            : alert.Value is AlertValue.P50 or AlertValue.P90 or AlertValue.P95 or AlertValue.P99 ? $"{metric.PrometheusName}_bucket"
            : $"{metric.PrometheusName}_count";
    }

    /// <summary>All series that an alert looks at.</summary>
    public static IEnumerable<string> AllSeriesOf(AlertResource alert) => alert.Combine is { } combine ? [SeriesOf(alert), SeriesOf(combine.Of)] : [SeriesOf(alert)];

    /// <summary>A tag as a label of Prometheus' text.</summary>
    public static string LabelOf(string tag) => tag.Replace('.', '_');

    /// <summary>One line of the list.</summary>
    public static string Write(Metric metric) => string.Join(
        ' ', [metric.Name, metric.Shape.ToString().ToLowerInvariant(), metric.Unit, .. metric.Tags.Select(t => $"{t.Name}={string.Join('|', t.Values)}")]);

    private static IEnumerable<Metric> Read()
    {
        using var stream = typeof(KnownMetrics).Assembly.GetManifestResourceStream("Sluice.Revisions.Alerts.metrics.txt")!;
        using var reader = new StreamReader(stream);
        foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ');
            yield return new Metric(parts[0], Enum.Parse<MetricShape>(parts[1], ignoreCase: true), parts[2], "", [.. parts[3..].Select(ReadTag)]);
        }
    }

    private static MetricTag ReadTag(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return new MetricTag(text[..at], text[(at + 1)..].Split('|', StringSplitOptions.RemoveEmptyEntries));
    }
}
