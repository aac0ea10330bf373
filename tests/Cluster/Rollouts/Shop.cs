using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Tests.Cluster.Rollouts;

/// <summary>A workspace with one route over two upstreams, and a rollout on it.</summary>
internal sealed class Shop(ClusterFixture cluster, string? workspace = null)
{
    private static readonly Author Ann = new("ann", "api", "");

    public string Workspace { get; } = workspace ?? ClusterFixture.NewWorkspace();

    public ICatalogGrain Catalog => cluster.Client.GetGrain<ICatalogGrain>(Workspace);

    public IRolloutDirectoryGrain Directory => cluster.Client.GetGrain<IRolloutDirectoryGrain>(Workspace);

    public IRolloutGrain Rollout => Named("r");

    public IRolloutGrain Named(string name) => cluster.Client.GetGrain<IRolloutGrain>(GrainKeys.Join(Workspace, name));

    /// <summary>Moves all of the route in steps of as many ten-thousandths.</summary>
    public static RolloutSpec Spec(TimeSpan hold, long minimum, params int[] shares) => new(
        SplitKind.Route, "shop", "v1", "v2", [.. shares.Select(s => new RolloutStep(s, hold))], new RolloutGuards(0.01, null, null, null, null), 0.05, minimum, TimeSpan.FromHours(1), TimeoutAction.Pause);

    public static PartFigures Counted(long requests, long failures) => PartFigures.None with { Requests = requests, Failures = failures };

    public Task DeclareAsync() => PutAsync(
        Upstream("v1"), Upstream("v2"), """{ "kind": "Route", "name": "shop", "match": { "path": "/shop" }, "split": [{ "upstream": "v1" }, { "upstream": "v2", "weight": 0 }] }""");

    public async Task PutAsync(params string[] resources) => Assert.IsType<PublishOutcome.Published>(await Catalog.PublishAsync(new PublishRequest(
        [.. resources.Select(Encoding.UTF8.GetBytes)], [], Prune: false, IfMatch: null, DryRun: false, Ann, "test")));

    public async Task StartAsync(RolloutSpec spec) => Assert.IsType<RolloutOutcome.Done>(await Rollout.StartAsync(spec, Ann));

    public Task<RolloutOutcome> SteerAsync(RolloutCommand command) => Rollout.SteerAsync(command, Ann);

    public async Task<RolloutStatus> ReachesAsync(Func<RolloutStatus, bool> holds)
    {
        RolloutStatus? status = null;
        await Eventually.TrueAsync(async () => (status = await Rollout.GetAsync()) is not null && holds(status));
        return status!;
    }

    /// <summary>The weights that are active, and the reasons of all revisions.</summary>
    public async Task<(string Weights, string[] Reasons)> PublishedAsync()
    {
        var route = Encoding.UTF8.GetString((await Catalog.GetResourceAsync("Route", "shop"))!.Json);
        return (string.Join(' ', route.Split("\"weight\":").Skip(1).Select(p => p[..p.IndexOf('}', StringComparison.Ordinal)])), [.. (await Catalog.GetHistoryAsync(null, 100)).Select(r => r.Reason ?? "").Reverse()]);
    }

    private static string Upstream(string name) => $$"""{ "kind": "Upstream", "name": "{{name}}", "addresses": ["http://10.0.0.1"] }""";
}
