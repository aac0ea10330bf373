using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Cluster.Edge;

/// <summary>A request keeps its revision to its end, and the revision is let go with it.</summary>
public sealed class OldRevisionTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster.Client);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_replaced_revision_is_there_while_a_stream_runs_under_it_and_is_let_go_at_its_end(int reloads)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await StartStreamAsync(end.Task);
        await using var edge = EdgeHost.Create(
            new EdgeOptions { Workspace = _workspace.Name, Http = 0, Ops = 0, Listen = "127.0.0.1", DrainDelay = TimeSpan.Zero }, cluster.Client);
        await edge.StartAsync(TestContext.Current.CancellationToken);
        var active = edge.Services.GetRequiredService<ActiveRevision>();
        await ReachAsync(active, await _workspace.PublishAsync(
            $$$"""{"kind":"Upstream","name":"slow","addresses":["{{{upstream.Urls.First()}}}"],"timeouts":{"idle":"10m"}}""",
            """{"kind":"Route","name":"slow","match":{"path":"/slow"},"split":[{"upstream":"slow"}]}"""));
        var old = Current(active);
        using var http = new HttpClient { BaseAddress = new Uri(edge.Urls.First()) };
        using var answer = await http.GetAsync("/slow", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal('b', stream.ReadByte());

        for (var i = 1; i <= reloads; i++)
        {
            await ReachAsync(active, await _workspace.PublishAsync($$"""{"kind":"Upstream","name":"other","addresses":["http://127.0.0.1:{{10_000 + i}}"]}"""));
        }

        // The edge's own gauge, and what the fleet hears of it.
        Assert.Equal(1, RevisionUse.Of(active.InUse.Look()).Old);
        Assert.Equal(1, active.InUse.Look().Single(u => u.ReplacedFor is not null).InFlight);
        await Eventually.HoldsAsync(async () => Assert.Single(await _workspace.Fleet.GetEdgesAsync()).Report.InUse is { Old: 1, Oldest: not null });
        Assert.True(IsThere(old));

        end.SetResult();
        while (stream.ReadByte() >= 0)
        {
        }

        await Eventually.HoldsAsync(() => RevisionUse.Of(active.InUse.Look()) is { Old: 0, Oldest: null, Revisions.Length: 1 });
        await Eventually.HoldsAsync(async () => Assert.Single(await _workspace.Fleet.GetEdgesAsync()).Report.InUse is { Old: 0 });
        await Eventually.HoldsAsync(() => !IsThere(old));
        await edge.StopAsync(TestContext.Current.CancellationToken);
    }

    // A frame of its own: a local of the test's would hold the revision.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Current(ActiveRevision active) => new(active.Current);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsThere(WeakReference reference)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return reference.IsAlive;
    }

    private static Task ReachAsync(ActiveRevision active, long revision) => Eventually.HoldsAsync(() => active.Current?.Head.Revision >= revision);

    private static async Task<WebApplication> StartStreamAsync(Task end)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http =>
        {
            await http.Response.WriteAsync("begin", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await end.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("end", http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
