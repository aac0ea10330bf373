using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Grains.Alerts;

/// <summary>Every metric of alerts, declared once. <see cref="AlertMeter"/> makes the instruments; docs/monitoring.md has the same list.</summary>
public static class AlertMetrics
{
    public static readonly Metric Firing = new("sluice.alerts.firing", MetricShape.Gauge, "{alert}", "Alerts that fire, told by the silo that evaluates them.", new MetricTag("severity", "info", "warning", "critical"));

    public static readonly Metric Silent = new(
        "sluice.processes.silent", MetricShape.Gauge, "{process}", "Silos and edges that told nothing for 35 seconds without having been asked to end; forgotten after ten minutes.", new MetricTag("role", "silo", "edge"));

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Metric> All { get; } = [Firing, Silent];
}
