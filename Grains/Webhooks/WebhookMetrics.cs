using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Grains.Webhooks;

/// <summary>Every metric of webhooks, declared once. <see cref="WebhookMeter"/> makes the instruments; docs/monitoring.md has the same list.</summary>
public static class WebhookMetrics
{
    /// <summary>What became of an attempt: the receiver took it.</summary>
    internal const string Delivered = "delivered";

    /// <summary>What became of an attempt: it failed, and there will be another.</summary>
    internal const string Retried = "retried";

    /// <summary>What became of a delivery: it is given up.</summary>
    internal const string DeadLetter = "dead-letter";

    /// <summary>A budget spent a share that its declaration names.</summary>
    internal const string Warning = "warning";

    /// <summary>A budget refused for the first time in its window.</summary>
    internal const string Exhausted = "exhausted";

    public static readonly Metric Deliveries = new(
        "sluice.webhooks.deliveries",
        MetricShape.Counter,
        "{delivery}",
        "Deliveries to webhooks, by what became of them: taken; tried again later, once for each attempt that failed; given up.",
        new MetricTag("outcome", Delivered, Retried, DeadLetter));

    public static readonly Metric Notices = new(
        "sluice.budgets.notices", MetricShape.Counter, "{notice}", "News of budgets: a share that warnAt names is spent, or a window refuses for the first time.", new MetricTag("event", Warning, Exhausted));

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Metric> All { get; } = [Deliveries, Notices];
}
