using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Acme;

/// <summary>Counts on one silo what became of orders, among its other instruments. A certificate is looked after by one silo, so over all silos each counts once.</summary>
public sealed class AcmeMeter(ReloadMeter silo)
{
    private readonly DeclaredCounter _orders = new(silo.Meter, AcmeMetrics.Orders);

    /// <summary>Counts.</summary>
    /// <param name="outcome">As declared.</param>
    internal void Count(string outcome) => _orders.Add(1, outcome);
}
