using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Webhooks;

/// <summary>Counts on one silo what became of deliveries, among its other instruments. A workspace's webhooks are called by one silo, so over all silos each delivery counts once.</summary>
public sealed class WebhookMeter(ReloadMeter silo)
{
    private readonly DeclaredCounter _deliveries = new(silo.Meter, WebhookMetrics.Deliveries);

    /// <summary>Counts.</summary>
    /// <param name="outcome">As declared.</param>
    internal void Count(string outcome) => _deliveries.Add(1, outcome);
}
