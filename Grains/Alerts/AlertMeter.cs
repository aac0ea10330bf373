using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Alerts;

/// <summary>What the silo that evaluates alerts tells of them, among its other instruments.</summary>
public sealed class AlertMeter
{
    private Reading? _reading;

    public AlertMeter(ReloadMeter silo)
    {
        Gauge(AlertMetrics.Firing, "severity", reading => reading.Firing);
        Gauge(AlertMetrics.Silent, "role", reading => reading.Silent);

        void Gauge(Metric metric, string tag, Func<Reading, ImmutableArray<(string Value, int Count)>> of) => silo.Meter.CreateObservableGauge(
            metric.Name,
            () => Volatile.Read(ref _reading) is { } reading ? of(reading).Select(r => new Measurement<int>(r.Count, KeyValuePair.Create<string, object?>(tag, r.Value))) : [],
            metric.Unit,
            metric.Description);
    }

    /// <summary>Alerts were evaluated here.</summary>
    internal void Show(ImmutableArray<(string Severity, int Count)> firing, int silos, int edges) => Volatile.Write(ref _reading, new Reading(firing, [("silo", silos), ("edge", edges)]));

    /// <summary>They are evaluated elsewhere from now on.</summary>
    internal void Forget() => Volatile.Write(ref _reading, null);

    private sealed record Reading(ImmutableArray<(string, int)> Firing, ImmutableArray<(string, int)> Silent);
}
