using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Cluster.Budgets;

/// <summary>A hard budget of 100 tokens a day of tenant acme, in a workspace of its own.</summary>
internal sealed class DeclaredBudget
{
    private readonly string _workspace;

    private DeclaredBudget(string workspace) => _workspace = workspace;

    /// <summary>Where it is.</summary>
    public string Workspace => _workspace;

    public static async Task<DeclaredBudget> PublishAsync(ClusterFixture cluster, string every = "day", string zone = "UTC", string mode = "hard", string more = "")
    {
        var declared = new DeclaredBudget(ClusterFixture.NewWorkspace());
        await declared.ChangeAsync(cluster, 100, every, zone, mode, more);
        return declared;
    }

    /// <summary>As one cluster's callers see it.</summary>
    public IBudgetGrain On(ClusterFixture cluster) => cluster.Client.GetGrain<IBudgetGrain>(GrainKeys.Join(_workspace, "daily", "tenant/acme"));

    /// <summary>Publishes the budget with other amounts; answers the revision.</summary>
    public async Task<long> ChangeAsync(ClusterFixture cluster, long tokens, string every = "day", string zone = "UTC", string mode = "hard", string more = "")
    {
        var rest = every.StartsWith("rolling ", StringComparison.Ordinal) ? ("rolling", "length", every[8..]) : (every, "zone", zone);
        var window = $"{{\"every\":\"{rest.Item1}\",\"{rest.Item2}\":\"{rest.Item3}\"}}";
        var budget = $$"""{"kind":"Budget","name":"daily","subject":"tenant/acme","amount":{"tokens":{{tokens}}},"window":{{window}},"mode":"{{mode}}"{{more}}}""";
        var outcome = await cluster.Client.GetGrain<ICatalogGrain>(_workspace).PublishAsync(
            new PublishRequest([Encoding.UTF8.GetBytes(budget)], [], Prune: false, IfMatch: null, DryRun: false, Author.System, "test"));
        return Assert.IsType<PublishOutcome.Published>(outcome).Head.Revision;
    }

    /// <summary>The subjects of all changes of a kind.</summary>
    public async Task<string[]> SubjectsAsync(ClusterFixture cluster, ChangeKind kind) => [.. (await SinceAsync(cluster)).Where(c => c.Kind == kind).Select(c => c.Subject)];

    /// <summary>The one change of a kind and subject.</summary>
    public async Task<Change> ChangesAsync(ClusterFixture cluster, ChangeKind kind, string subject) =>
        Assert.Single(await SinceAsync(cluster), c => c.Kind == kind && string.Equals(c.Subject, subject, StringComparison.Ordinal));

    private async Task<IEnumerable<Change>> SinceAsync(ClusterFixture cluster) => (await cluster.Client.GetGrain<IChangeLogGrain>(_workspace).SinceAsync(0, 100)).Changes;

    public static BorrowRequest Borrow(string edge, long operation, long need, LeaseReport? report = null, long revision = 1) => new(edge, operation, need, need, revision, report);
}
