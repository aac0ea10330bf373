using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Acme;

/// <summary>Counts on one silo what became of orders, among its other instruments. A certificate is looked after by one silo, so over all silos each counts once.</summary>
public sealed class AcmeMeter
{
    private readonly ConcurrentDictionary<(string Workspace, string Certificate), int> _attempts = [];
    private readonly DeclaredCounter _orders;

    public AcmeMeter(ReloadMeter silo)
    {
        _orders = new DeclaredCounter(silo.Meter, AcmeMetrics.Orders);
        silo.Meter.CreateObservableGauge(
            AcmeMetrics.Attempts.Name,
            () => _attempts.Select(known => new Measurement<int>(known.Value, KeyValuePair.Create<string, object?>("certificate", known.Key.Certificate))),
            AcmeMetrics.Attempts.Unit,
            AcmeMetrics.Attempts.Description);
    }

    /// <summary>Counts.</summary>
    /// <param name="outcome">As declared.</param>
    internal void Count(string outcome) => _orders.Add(1, outcome);

    /// <summary>How often a certificate could not be obtained since it last was; null: another silo looks after it now, or nobody.</summary>
    internal void Tell(string workspace, string certificate, int? attempts)
    {
        if (attempts is { } failed)
        {
            _attempts[(workspace, certificate)] = failed;
        }
        else
        {
            _attempts.TryRemove((workspace, certificate), out _);
        }
    }
}
