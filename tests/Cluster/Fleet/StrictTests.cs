using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Tests.Cluster.Edge;
using Workspace = Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Fleet;

/// <summary>Publishes of strict workspaces: what they wait for, and what becomes of edges that hold.</summary>
public sealed class StrictTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster);

    private IFleetGrain Fleet => cluster.Client.GetGrain<IFleetGrain>(_workspace.Name);

    [Fact]
    public async Task Every_edge_holds_for_a_commit_and_none_does_after_it()
    {
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await _workspace.BeStrictAsync();
        for (var i = 2; i <= 10; i++)
        {
            var published = Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Workspace.Upstream("a", i)));

            Assert.Equal((BarrierState.Complete, 2), (published.Barrier.State, published.Barrier.Activated));
            Assert.Contains("hold", published.Phases.Keys);
            Assert.Equal((i, i), (first.Active.Current!.Head.Revision, second.Active.Current!.Head.Revision));
            Assert.Equal((null, null), (first.Active.Held, second.Active.Held));
        }
    }

    [Fact]
    public async Task A_silent_edge_is_waited_for_until_it_is_out_of_the_set()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await _workspace.BeStrictAsync();
        await Fleet.RenewAsync(Silent());

        var published = Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Workspace.Upstream("a")));

        Assert.Equal((BarrierState.Complete, 1), (published.Barrier.State, published.Barrier.Activated));
        Assert.True(published.Phases["hold"] >= TimeSpan.FromSeconds(3), $"edges held after {published.Phases["hold"]}");
    }

    [Fact]
    public async Task While_an_edge_has_leases_and_does_not_hold_nothing_is_committed_and_the_others_serve_on()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var before = await _workspace.BeStrictAsync();
        using var end = new CancellationTokenSource();
        await Fleet.RenewAsync(Silent());
        var renewing = RenewAlwaysAsync(end.Token);

        var unheld = Assert.IsType<PublishOutcome.Unheld>(await _workspace.PutAsync(Workspace.Upstream("a")));
        await end.CancelAsync();
        await renewing;

        Assert.Equal(["silent"], unheld.Edges);
        Assert.Equal(before.Revision, (await _workspace.Catalog.GetHeadAsync()).Revision);
        await Eventually.TrueAsync(() => edge.Active.Admit() is { StaleFor: null, IsHeld: false, Revision.Head.Revision: var active } && active == before.Revision);
    }

    [Fact]
    public async Task While_an_edge_listens_and_cannot_prepare_nobody_is_held_up_and_nothing_is_committed()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var before = await _workspace.BeStrictAsync();
        using var end = new CancellationTokenSource();
        await Fleet.RenewAsync(Silent());
        var renewing = RenewAlwaysAsync(end.Token);
        var listening = ListenAlwaysAsync(end.Token);

        var unheld = Assert.IsType<PublishOutcome.Unheld>(await _workspace.PutAsync(Workspace.Upstream("a")));
        await end.CancelAsync();
        await Task.WhenAll(renewing, listening);

        Assert.Equal(["silent"], unheld.Edges);
        Assert.Equal(before, await _workspace.Catalog.GetHeadAsync() with { Term = before.Term });
        Assert.Null(edge.Active.Held);
    }

    [Fact]
    public async Task An_edge_that_hears_nothing_more_is_let_go_and_what_it_held_for_can_never_be_committed()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var before = await _workspace.BeStrictAsync();
        var candidate = new Head(before.Term, before.Revision + 1, "never");

        // As a publisher that is gone after this.
        var report = await cluster.Client.GetGrain<IFleetBarrierGrain>(_workspace.Name).HoldAsync(candidate);

        Assert.Equal([edge.Id], report.Held);
        Assert.Empty(report.Missing);
        await Eventually.TrueAsync(() => edge.Active.Held is null);
        Assert.Equal((before.Term + 1, before.Revision), (edge.Active.Head!.Term, edge.Active.Head.Revision));
        await Eventually.TrueAsync(() => edge.Active.Admit() is { StaleFor: null, IsHeld: false });
        await _workspace.PublishAsync(Workspace.Upstream("a"));
    }

    [Fact]
    public async Task A_workspace_chooses_for_itself_alone()
    {
        var invalid = Assert.IsType<PublishOutcome.Invalid>(await _workspace.PutAsync("""{ "kind": "Workspace", "name": "other" }"""u8.ToArray()));

        Assert.Equal(new FieldError("Workspace/other: name", $"must be '{_workspace.Name}': a workspace chooses for itself alone"), Assert.Single(invalid.Errors));
    }

    private static EdgeReport Silent() => new(new EdgeHello("silent", "http://127.0.0.1:8080", "0.1.0"), HeadOrder.Nothing, RequestsPerSecond: 0, InFlight: 0, Fault: null);

    private async Task ListenAlwaysAsync(CancellationToken end)
    {
        var seen = FleetNews.None;
        while (!end.IsCancellationRequested)
        {
            seen = await Fleet.WatchAsync("silent", seen);
        }
    }

    private async Task RenewAlwaysAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await Fleet.RenewAsync(Silent());
        }
    }
}
