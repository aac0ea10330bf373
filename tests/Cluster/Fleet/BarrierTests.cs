using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Tests.Cluster.Catalog;
using Sluice.Tests.Cluster.Edge;
using Workspace = Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Fleet;

public sealed class BarrierTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster);

    private IFleetGrain Fleet => cluster.Client.GetGrain<IFleetGrain>(_workspace.Name);

    [Fact]
    public async Task When_a_publish_returns_every_edge_runs_its_revision_and_holds_a_lease()
    {
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        for (var i = 1; i <= 20; i++)
        {
            var published = Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Workspace.Upstream("a", i)));

            Assert.Equal((i, i), (first.Active.Current!.Head.Revision, second.Active.Current!.Head.Revision));
            Assert.Equal((BarrierState.Complete, 2), (published.Barrier.State, published.Barrier.Activated));
        }
    }

    [Fact]
    public async Task A_silent_edge_is_waited_for_until_its_lease_has_ended_and_named()
    {
        await Fleet.RenewAsync(Silent());

        var published = Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Workspace.Upstream("a")));

        Assert.Equal(BarrierState.Partial, published.Barrier.State);
        Assert.Equal(["silent"], published.Barrier.Lapsed);
        Assert.True(published.Phases["barrier"] >= TimeSpan.FromSeconds(3), $"the barrier took {published.Phases["barrier"]}");
    }

    [Fact]
    public async Task Who_does_not_want_to_wait_is_answered_after_the_commit()
    {
        await Fleet.RenewAsync(Silent());

        var outcome = await _workspace.Catalog.PublishAsync(Workspace.Change(Workspace.Upstream("a")) with { Wait = false });

        Assert.Equal(BarrierState.None, Assert.IsType<PublishOutcome.Published>(outcome).Barrier.State);
    }

    [Fact]
    public async Task An_edge_that_left_is_not_waited_for()
    {
        await Fleet.RenewAsync(Silent());
        await Fleet.LeaveAsync("silent");

        var published = Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Workspace.Upstream("a")));

        Assert.Equal(BarrierState.Complete, published.Barrier.State);
    }

    [Fact]
    public async Task An_edge_that_stays_silent_is_out_of_the_set_after_a_while()
    {
        await Fleet.RenewAsync(Silent());
        var port = 0;

        await Eventually.TrueAsync(async () =>
            Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Workspace.Upstream("a", ++port))).Barrier.State is BarrierState.Complete);
    }

    [Fact]
    public async Task A_refused_candidate_is_activated_nowhere_and_never_taken_again()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var before = await _workspace.PublishAsync(Workspace.Upstream("a"));
        using var stop = new CancellationTokenSource();
        var listens = new TaskCompletionSource();
        var refusing = RefuseAllAsync("picky", listens, stop.Token);
        await listens.Task;

        var refused = Assert.IsType<PublishOutcome.Refused>(await _workspace.PutAsync(Workspace.Upstream("b")));
        Assert.Equal("picky", refused.Edge);
        Assert.Equal(new EdgeRefusal("compile", "Upstream/b", "not on this edge"), refused.Refusal);
        await stop.CancelAsync();
        await refusing;
        await Fleet.LeaveAsync("picky");

        Assert.Equal("quarantined", Assert.IsType<PublishOutcome.Refused>(await _workspace.PutAsync(Workspace.Upstream("b"))).Refusal.Code);
        Assert.Equal(before.Revision, (await _workspace.Catalog.GetHeadAsync()).Revision);
        Assert.Equal(before.Hash, edge.Active.Current!.Head.Hash);
        await _workspace.PublishAsync(Workspace.Upstream("c"));
    }

    [Fact]
    public async Task A_publish_that_is_sent_again_under_its_id_makes_no_second_revision()
    {
        var change = Workspace.Change(Workspace.Upstream("a")) with { PublishId = "one" };
        var first = Assert.IsType<PublishOutcome.Published>(await _workspace.Catalog.PublishAsync(change));
        await _workspace.Catalog.PublishAsync(Workspace.Change() with { Delete = [new ResourceKey("Upstream", "a")] });

        Assert.IsType<PublishOutcome.Unchanged>(await _workspace.Catalog.PublishAsync(change));
        Assert.Equal(first.Head.Revision + 1, (await _workspace.Catalog.GetHeadAsync()).Revision);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_on_every_edge_when_the_call_returns()
    {
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var tenant = cluster.Client.GetGrain<ITenantGrain>(GrainKeys.Join(_workspace.Name, "acme"));
        await tenant.CreateAsync(null, Author.System);
        for (var i = 0; i < 10; i++)
        {
            var key = (await tenant.CreateKeyAsync(new KeySpec(null, null, null, []), Author.System))!;
            Assert.NotNull(await first.IdentifyAsync(key.Secret));
            Assert.NotNull(await second.IdentifyAsync(key.Secret));

            await tenant.RevokeKeyAsync(key.Record.Id, Author.System);

            Assert.Null(await first.IdentifyAsync(key.Secret));
            Assert.Null(await second.IdentifyAsync(key.Secret));
        }
    }

    [Fact]
    public async Task The_audit_chain_is_whole()
    {
        await _workspace.PublishAsync(Workspace.Upstream("a"));
        await _workspace.PublishAsync(Workspace.Upstream("b"));
        await _workspace.Catalog.RollbackAsync(1, ifMatch: null, new Author("ann", "api", "127.0.0.1"), "back");

        var report = await _workspace.Catalog.VerifyAuditAsync();

        Assert.Empty(report.Faults);
        Assert.Equal(3, report.Entries);
        Assert.Equal(report.Head, (await _workspace.Catalog.GetAuditAsync(3, 1)).Single().Hash);
    }

    private static EdgeHello Hello(string edge) => new(edge, "http://127.0.0.1:8080", "0.1.0");

    private static EdgeReport Silent() => new(Hello("silent"), HeadOrder.Nothing, RequestsPerSecond: 0, InFlight: 0, Fault: null);

    /// <summary>An edge that is there and can run nothing.</summary>
    private async Task RefuseAllAsync(string edge, TaskCompletionSource listens, CancellationToken end)
    {
        await Fleet.RenewAsync(new EdgeReport(Hello(edge), HeadOrder.Nothing, 0, 0, null));
        var seen = FleetNews.None;
        while (!end.IsCancellationRequested)
        {
            seen = await Fleet.WatchAsync(edge, seen);
            listens.TrySetResult();
            if (seen.Candidate is { } candidate)
            {
                await Fleet.PreparedAsync(edge, candidate.Hash, new EdgeRefusal("compile", "Upstream/b", "not on this edge"));
            }
        }
    }
}
