using Sluice.Edge.Metrics;
using Sluice.Grains.Acme;
using Sluice.Grains.Alerts;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;
using Sluice.Grains.Webhooks;

namespace Sluice.Tests.Unit.Metrics;

/// <summary>All metrics that Sluice declares.</summary>
internal static class Declared
{
    /// <summary>Of silos.</summary>
    public static IReadOnlyList<Metric> Silo { get; } = [.. ReloadMetrics.All, .. WebhookMetrics.All, .. AlertMetrics.All, .. AcmeMetrics.All];

    /// <summary>Of edges.</summary>
    public static IReadOnlyList<Metric> Edge { get; } = [.. EdgeMetrics.All, .. GenAiMetrics.All];

    /// <summary>Of silos and edges.</summary>
    public static IReadOnlyList<Metric> All { get; } = [.. Silo, .. Edge];

    /// <summary>The names of the series that a metric has in Prometheus' text.</summary>
    public static IEnumerable<string> Series(Metric metric) => metric.Shape is MetricShape.Histogram
        ? [$"{metric.PrometheusName}_bucket", $"{metric.PrometheusName}_sum", $"{metric.PrometheusName}_count"]
        : [metric.PrometheusName];
}
