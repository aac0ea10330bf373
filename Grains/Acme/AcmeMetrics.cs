using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Grains.Acme;

/// <summary>Every metric of certificates that are obtained, declared once. <see cref="AcmeMeter"/> makes the instruments; docs/monitoring.md has the same list.</summary>
public static class AcmeMetrics
{
    /// <summary>A certificate was obtained, and serves.</summary>
    internal const string Obtained = "obtained";

    /// <summary>A step failed, and is tried again later.</summary>
    internal const string Failed = "failed";

    public static readonly Metric Orders = new(
        "sluice.certificates.orders", MetricShape.Counter, "{order}", "Certificates obtained from authorities, and attempts at it that failed.", new MetricTag("outcome", Obtained, Failed));

    public static readonly Metric Attempts = new(
        "sluice.certificates.attempts", MetricShape.Gauge, "{attempt}", "Attempts in a row to obtain a certificate that failed; 0 once it is obtained, or declared otherwise. By its name.", new MetricTag("certificate"));

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Metric> All { get; } = [Orders, Attempts];
}
