using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// Tells the grains of budgets what former starts of this edge have spent, so that nothing of theirs stays in doubt. What an attempt held that was never settled counts as
/// spent. Where something may be missing, the lease stays open and keeps counting whole. See docs/accounting.md, "The journal".
/// </summary>
internal sealed class FormerLeases(IClusterClient cluster, string workspace)
{
    /// <summary>Tells of one lease. It does no harm to tell it again.</summary>
    public Task TellAsync(FormerLease lease) => cluster.GetGrain<IEdgeBudgetGrain>(GrainKeys.Join(workspace, lease.Budget, lease.Subject))
        .ReportAsync(new LeaseReport(lease.Holder, lease.Window, lease.Settled + lease.Reserved, Close: lease.IsCertain));
}
