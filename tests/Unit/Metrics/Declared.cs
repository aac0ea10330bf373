using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Tests.Unit.Metrics;

/// <summary>All metrics that Sluice declares.</summary>
internal static class Declared
{
    /// <summary>Of silos and edges.</summary>
    public static IReadOnlyList<Metric> All { get; } = [.. ReloadMetrics.All, .. EdgeMetrics.All];

    /// <summary>The names of the series that a metric has in Prometheus' text.</summary>
    public static IEnumerable<string> Series(Metric metric) => metric.Shape is MetricShape.Histogram
        ? [$"{metric.PrometheusName}_bucket", $"{metric.PrometheusName}_sum", $"{metric.PrometheusName}_count"]
        : [metric.PrometheusName];
}
