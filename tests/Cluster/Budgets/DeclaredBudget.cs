using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Cluster.Budgets;

/// <summary>A hard budget of 100 tokens a day of tenant acme, in a workspace of its own.</summary>
internal sealed class DeclaredBudget
{
    private readonly string _workspace;

    private DeclaredBudget(string workspace) => _workspace = workspace;

    public static async Task<DeclaredBudget> PublishAsync(ClusterFixture cluster, string every = "day", string zone = "UTC", string mode = "hard")
    {
        var declared = new DeclaredBudget(ClusterFixture.NewWorkspace());
        await declared.ChangeAsync(cluster, 100, every, zone, mode);
        return declared;
    }

    /// <summary>As one cluster's callers see it.</summary>
    public IBudgetGrain On(ClusterFixture cluster) => cluster.Client.GetGrain<IBudgetGrain>(GrainKeys.Join(_workspace, "daily", "tenant/acme"));

    /// <summary>Publishes the budget with other amounts; answers the revision.</summary>
    public async Task<long> ChangeAsync(ClusterFixture cluster, long tokens, string every = "day", string zone = "UTC", string mode = "hard")
    {
        var budget = $$"""{"kind":"Budget","name":"daily","subject":"tenant/acme","amount":{"tokens":{{tokens}}},"window":{"every":"{{every}}","zone":"{{zone}}"},"mode":"{{mode}}"}""";
        var outcome = await cluster.Client.GetGrain<ICatalogGrain>(_workspace).PublishAsync(
            new PublishRequest([Encoding.UTF8.GetBytes(budget)], [], Prune: false, IfMatch: null, DryRun: false, Author.System, "test"));
        return Assert.IsType<PublishOutcome.Published>(outcome).Head.Revision;
    }

    public static BorrowRequest Borrow(string edge, long operation, long need, LeaseReport? report = null, long revision = 1) => new(edge, operation, need, need, revision, report);
}
