using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Cluster.Edge;

public sealed class EdgeConfigurationTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster.Client);

    [Fact]
    public async Task A_published_revision_reaches_every_edge_and_the_fleet_tells_so()
    {
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        Assert.Equal(0, first.Active.Current!.Head.Revision);

        var revision = await _workspace.PublishAsync(Upstream("one"));

        await first.ReachAsync(revision);
        await second.ReachAsync(revision);
        Assert.Equal($"{_workspace.Name}@{revision}", first.Active.Current!.Label);
        Assert.True(first.Active.Current.Plan.Upstreams.ContainsKey("one"));
        await Eventually.HoldsAsync(async () =>
            (await _workspace.Fleet.GetEdgesAsync()).Count(edge => edge.Report.Active.Revision == revision && edge.Report.Fault is null) == 2);
    }

    [Fact]
    public async Task Many_revisions_in_a_row_end_with_the_last_one()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);

        var last = 0L;
        for (var i = 0; i < 20; i++)
        {
            last = await _workspace.PublishAsync(Upstream($"number-{i}"));
        }

        await edge.ReachAsync(last);
        Assert.Equal(20, edge.Active.Current!.Plan.Upstreams.Count);
    }

    [Fact]
    public async Task An_edge_whose_subscription_was_lost_is_right_again_by_its_renewal_and_subscribes_anew()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await _workspace.PublishAsync(Upstream("before"));
        await edge.ReachAsync(1);
        var stream = Changes(cluster.Client);
        var lost = Assert.Single(await stream.GetAllSubscriptionHandles());
        await lost.UnsubscribeAsync();

        var revision = await _workspace.PublishAsync(Upstream("after"));

        await edge.ReachAsync(revision);
        await Eventually.HoldsAsync(async () => await stream.GetAllSubscriptionHandles() is [var anew] && anew.HandleId != lost.HandleId);
    }

    [Fact]
    public async Task An_edge_that_stops_leaves_the_fleet_and_no_subscription_behind()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        Assert.Equal(edge.Id, Assert.Single(await _workspace.Fleet.GetEdgesAsync()).Report.Hello.Edge);

        await edge.StopAsync();

        Assert.Empty(await _workspace.Fleet.GetEdgesAsync());
        Assert.Empty(await Changes(cluster.Client).GetAllSubscriptionHandles());
    }

    [Fact]
    public async Task An_edge_in_the_silos_own_process_hears_of_changes_by_the_stream_too()
    {
        var client = cluster.Silo.GetRequiredService<IClusterClient>();
        await using var edge = await RunningEdge.StartAsync(client, _workspace.Name);
        var subscription = Assert.Single(await Changes(client).GetAllSubscriptionHandles());

        for (var i = 1; i <= 5; i++)
        {
            await edge.ReachAsync(await _workspace.PublishAsync(Upstream($"number-{i}")));
        }

        // A stream that had brought nothing would have been subscribed anew by the second renewal that told of a change.
        await RenewalsAsync(3);
        Assert.Equal(subscription.HandleId, Assert.Single(await Changes(client).GetAllSubscriptionHandles()).HandleId);
    }

    [Fact]
    public async Task A_credential_that_is_missing_on_an_edge_is_told_and_hurts_nobody_else()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);

        var revision = await _workspace.PublishAsync(
            """{"kind":"Provider","name":"one","dialect":"openai","address":"http://127.0.0.1:9/v1","credentials":[{"env":"PATH"}]}""",
            """{"kind":"Provider","name":"other","dialect":"openai","address":"http://127.0.0.1:9/v1","credentials":[{"env":"SLUICE_TEST_NOT_SET"}]}""");

        await edge.ReachAsync(revision);
        Assert.Equal([Environment.GetEnvironmentVariable("PATH")!], edge.Active.Current!.Credentials["one"].Values.ToArray());
        Assert.Empty(edge.Active.Current.Credentials["other"].Values.ToArray());
        await Eventually.HoldsAsync(async () =>
            Assert.Single(await _workspace.Fleet.GetEdgesAsync()).Report.Fault?.Contains("SLUICE_TEST_NOT_SET", StringComparison.Ordinal) == true);
    }

    private IAsyncStream<Change> Changes(IClusterClient client) =>
        client.GetStreamProvider(ChangeStream.Provider).GetStream<Change>(StreamId.Create(ChangeStream.Namespace, _workspace.Name));

    /// <summary>Waits until the only edge has renewed its lease some times.</summary>
    private async Task RenewalsAsync(int count)
    {
        var left = Assert.Single(await _workspace.Fleet.GetEdgesAsync()).LeaseLeft;
        for (var seen = 0; seen < count;)
        {
            await Eventually.HoldsAsync(async () =>
            {
                var now = Assert.Single(await _workspace.Fleet.GetEdgesAsync()).LeaseLeft;
                var isRenewed = now > left;
                left = now;
                return isRenewed;
            });
            seen++;
        }
    }

    private static string Upstream(string name) => $$"""{"kind":"Upstream","name":"{{name}}","addresses":["http://127.0.0.1:9"]}""";
}
