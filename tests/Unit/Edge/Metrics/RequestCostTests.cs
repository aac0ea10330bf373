using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Edge.Metrics;

/// <summary>What counting costs on a request's way, with the exporter listening.</summary>
public sealed class RequestCostTests(ITestOutputHelper output)
{
    private const int Requests = 200_000;

    [Fact]
    public void Counting_a_request_allocates_nothing()
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ActiveRevision>();
        services.AddSingleton<EdgeMeter>();
        services.AddEdgeMetrics();
        using var provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<MeterProvider>());
        var (active, meter) = (provider.GetRequiredService<ActiveRevision>(), provider.GetRequiredService<EdgeMeter>());
        active.TryActivate(EdgeRevision.Empty(new Head(1, 1, ""), "default@1"));
        var http = new DefaultHttpContext();
        Count(active, meter, http, 1_000);

        var (before, begun) = (GC.GetAllocatedBytesForCurrentThread(), Environment.CpuUsage.TotalTime);
        Count(active, meter, http, Requests);
        var (elapsed, allocated) = (Environment.CpuUsage.TotalTime - begun, GC.GetAllocatedBytesForCurrentThread() - before);

        output.WriteLine(FormattableString.Invariant($"{elapsed.TotalNanoseconds / Requests:0} ns of CPU a request"));
        Assert.True(allocated < Requests, $"{allocated} bytes were allocated for {Requests} requests");
    }

    private static void Count(ActiveRevision active, EdgeMeter meter, HttpContext http, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            var arrived = TimeProvider.System.GetTimestamp();
            var revision = active.Current!;
            revision.Requests.Begin();
            meter.Ended(revision.Requests, BrokenAnswer.Tell(http), TimeProvider.System.GetElapsedTime(arrived));
        }
    }
}
