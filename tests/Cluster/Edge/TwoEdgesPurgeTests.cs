using System.Net;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Cluster.Edge;

public sealed class TwoEdgesPurgeTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_purge_has_reached_both_edges_when_it_returns()
    {
        var workspace = new Workspace(cluster.Client);
        var key = await workspace.CreateTenantAsync("acme");
        await workspace.PublishAsync(
            """{"kind":"Cache","name":"answers","age":"1h"}""",
            """{"kind":"Provider","name":"sandbox","dialect":"sandbox"}""",
            """{"kind":"Model","name":"sandbox","targets":[{"provider":"sandbox","model":"sandbox"}],"cache":"answers"}""");
        await using var first = await ServingEdge.StartAsync(cluster, workspace, key.Secret);
        await using var second = await ServingEdge.StartAsync(cluster, workspace, key.Secret);
        foreach (var edge in new[] { first, second })
        {
            using var answer = await edge.AskAsync("Cache-Control", "max-age=60");
            Assert.Equal((HttpStatusCode.OK, "sluice; fwd=miss"), (answer.StatusCode, answer.Headers.GetValues("Cache-Status").Single()));
            await Eventually.HoldsAsync(async () => await KeptAsync(edge) is HttpStatusCode.OK);
        }

        var number = await cluster.Client.GetGrain<IChangeLogGrain>(workspace.Name).AppendAsync(new NewChange(ChangeKind.CachePurged, new CachePurge("answers", Tenant: "acme").Subject, new Author("test", "api", "")));
        var report = await cluster.Client.GetGrain<IFleetBarrierGrain>(workspace.Name).RequireAsync(number);

        Assert.Equal((BarrierState.Complete, 2), (report.State, report.Activated));
        Assert.Equal([HttpStatusCode.GatewayTimeout, HttpStatusCode.GatewayTimeout], new[] { await KeptAsync(first), await KeptAsync(second) });
    }

    private static async Task<HttpStatusCode> KeptAsync(ServingEdge edge)
    {
        using var answer = await edge.AskAsync("Cache-Control", "only-if-cached");
        return answer.StatusCode;
    }
}
