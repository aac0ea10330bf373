using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Tests.Cluster.Catalog;

namespace Sluice.Tests.Cluster.Fleet;

public sealed class FleetTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster);

    private IFleetGrain Fleet => cluster.Client.GetGrain<IFleetGrain>(_workspace.Name);

    [Fact]
    public async Task An_edge_that_registers_is_listed_and_told_the_head()
    {
        var head = await _workspace.PublishAsync(Workspace.Upstream("a"));

        var registration = await Fleet.RegisterAsync(Hello("e1"));

        Assert.Equal(head, registration.Grant.Head);
        Assert.Equal(TimeSpan.FromSeconds(3), registration.Grant.Length);
        Assert.Equal("e1", Assert.Single(await Fleet.GetEdgesAsync()).Report.Hello.Edge);
        Assert.Contains(await ChangesAsync(), c => c is { Kind: ChangeKind.EdgeJoined, Subject: "e1" });
    }

    [Fact]
    public async Task A_grant_says_how_far_the_changes_have_come()
    {
        await Fleet.RegisterAsync(Hello("e1"));
        await _workspace.PublishAsync(Workspace.Upstream("a"));

        var grant = await Fleet.RenewAsync(Report("e1"));

        Assert.Equal((await ChangesAsync())[^1].Number, grant.LastChange);
    }

    [Fact]
    public async Task An_edge_that_is_not_listed_is_listed_by_its_renewal()
    {
        await Fleet.RenewAsync(Report("e1"));

        Assert.Single(await Fleet.GetEdgesAsync());
    }

    [Fact]
    public async Task What_an_edge_acknowledged_is_seen_before_its_next_renewal()
    {
        await Fleet.RegisterAsync(Hello("e1"));
        var head = new Head(7, 41, "41");

        await Fleet.AcknowledgeAsync("e1", head, 9);

        var report = Assert.Single(await Fleet.GetEdgesAsync()).Report;
        Assert.Equal((head, 9L), (report.Active, report.Applied));
    }

    [Fact]
    public async Task An_edge_that_left_is_gone_and_told()
    {
        await Fleet.RegisterAsync(Hello("e1"));

        await Fleet.LeaveAsync("e1");

        Assert.Empty(await Fleet.GetEdgesAsync());
        Assert.Contains(await ChangesAsync(), c => c is { Kind: ChangeKind.EdgeLeft, Subject: "e1" });
    }

    [Fact]
    public async Task A_grant_after_a_publish_returned_never_carries_an_older_head()
    {
        await Fleet.RegisterAsync(Hello("e0"));
        var returned = 0L;
        using var stop = new CancellationTokenSource();
        var renewing = Enumerable.Range(0, 4).Select(async i =>
        {
            var active = HeadOrder.Nothing;
            while (!stop.IsCancellationRequested)
            {
                var least = Interlocked.Read(ref returned);
                var grant = await Fleet.RenewAsync(Report($"e{i}", active));
                active = grant.Head;
                Assert.True(grant.Head.Revision >= least, $"revision {least} had been published before, the grant has {grant.Head.Revision}");
            }
        }).ToArray();

        for (var i = 1; i <= 30; i++)
        {
            Interlocked.Exchange(ref returned, (await _workspace.PublishAsync(Workspace.Upstream("a", i))).Revision);
        }

        await stop.CancelAsync();
        await Task.WhenAll(renewing);
    }

    [Fact]
    public async Task An_edge_whose_lease_ended_is_gone_and_told()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var fleet = own.Client.GetGrain<IFleetGrain>(_workspace.Name);
        await fleet.RegisterAsync(Hello("silent"));

        own.Time.Advance(TimeSpan.FromSeconds(4));

        Assert.Empty(await fleet.GetEdgesAsync());
        await Eventually.TrueAsync(async () => (await own.Client.GetGrain<IChangeLogGrain>(_workspace.Name).SinceAsync(0, 100)).Changes
            .Any(c => c is { Kind: ChangeKind.EdgeLeft, Subject: "silent" }));
    }

    private static EdgeHello Hello(string edge) => new(edge, "http://127.0.0.1:8080", "0.1.0");

    private static EdgeReport Report(string edge, Head? active = null) => new(Hello(edge), active ?? HeadOrder.Nothing, RequestsPerSecond: 0, InFlight: 0, Fault: null);

    private async Task<IReadOnlyList<Change>> ChangesAsync() =>
        (await cluster.Client.GetGrain<IChangeLogGrain>(_workspace.Name).SinceAsync(0, 1000)).Changes;
}
