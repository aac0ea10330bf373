using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Webhooks;

/// <summary>Counts on one silo what became of deliveries, among its other instruments. A workspace's webhooks are called by one silo, so over all silos each delivery counts once.</summary>
public sealed class WebhookMeter(ReloadMeter silo)
{
    private readonly DeclaredCounter _deliveries = new(silo.Meter, WebhookMetrics.Deliveries);
    private readonly DeclaredCounter _notices = new(silo.Meter, WebhookMetrics.Notices);

    /// <summary>Counts.</summary>
    /// <param name="outcome">As declared.</param>
    internal void Count(string outcome) => _deliveries.Add(1, outcome);

    /// <summary>A budget has news, whether or not anybody is told.</summary>
    internal void Count(BudgetNotice notice) => _notices.Add(1, notice.Event is WebhookEvent.BudgetWarning ? WebhookMetrics.Warning : WebhookMetrics.Exhausted);
}
