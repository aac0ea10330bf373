using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge;
using Sluice.Edge.Configuration;

namespace Sluice.Tests.Cluster.Edge;

public sealed class EdgeMetricsTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Of_two_edges_in_one_process_each_tells_its_own_metrics_alone()
    {
        var (one, other) = (new Workspace(cluster.Client), new Workspace(cluster.Client));
        await using var first = await StartAsync(one);
        await using var second = await StartAsync(other);
        await one.PublishAsync("""{"kind":"Upstream","name":"one","addresses":["http://127.0.0.1:9101"]}""");
        var revision = await one.PublishAsync("""{"kind":"Upstream","name":"two","addresses":["http://127.0.0.1:9101"]}""");
        await Eventually.HoldsAsync(() => first.Services.GetRequiredService<ActiveRevision>().Current?.Head.Revision >= revision);

        await Eventually.HoldsAsync(async () => string.Equals(await LineAsync(first), FormattableString.Invariant($"sluice_edge_revision{{}} {revision}"), StringComparison.Ordinal));
        Assert.Equal("sluice_edge_revision{} 0", await LineAsync(second));
    }

    private static async Task<string> LineAsync(WebApplication edge)
    {
        using var http = new HttpClient { BaseAddress = new Uri(edge.Urls.Last()) };
        var text = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        return Assert.Single(text.Split('\n'), line => line.StartsWith("sluice_edge_revision{", StringComparison.Ordinal));
    }

    private async Task<WebApplication> StartAsync(Workspace workspace)
    {
        var edge = EdgeHost.Create(new EdgeOptions { Workspace = workspace.Name, Http = 0, Ops = 0, Listen = "127.0.0.1", DrainDelay = TimeSpan.Zero }, cluster.Client);
        await edge.StartAsync(TestContext.Current.CancellationToken);
        await edge.Services.GetRequiredService<ActiveRevision>().Ready.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        return edge;
    }
}
