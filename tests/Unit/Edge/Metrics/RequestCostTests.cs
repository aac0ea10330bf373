using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Tokens;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Tests.Unit.Edge.Targets;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Measuring_a_stream_of_a_model_allocates_nothing_and_next_to_nothing_where_nobody_listens(bool isTold)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ActiveRevision>();
        services.AddSingleton<EdgeMeter>();
        services.AddSingleton<GenAiMeter>();
        services.AddEdgeMetrics(isTold);
        using var provider = services.BuildServiceProvider();
        Assert.Equal(isTold, provider.GetService<MeterProvider>() is not null);
        using var turns = new CountingTurns();
        var (meter, call) = (provider.GetRequiredService<GenAiMeter>(), Call(turns));
        Measure(meter, call, 1_000);

        var (before, begun) = (GC.GetAllocatedBytesForCurrentThread(), Environment.CpuUsage.TotalTime);
        Measure(meter, call, Requests);
        var (elapsed, allocated) = (Environment.CpuUsage.TotalTime - begun, GC.GetAllocatedBytesForCurrentThread() - before);

        output.WriteLine(FormattableString.Invariant($"{elapsed.TotalNanoseconds / Requests:0} ns of CPU a stream, told: {isTold}"));
        Assert.True(allocated < Requests, $"{allocated} bytes were allocated for {Requests} streams");
    }

    private static ModelCall Call(CountingTurns turns)
    {
        var model = Models.Compile("targets: [{ provider: a, model: any }]");
        return new ModelCall(ModelOperation.Chat, new MatchedModel(model, model.Targets[0], default, IsShaped: false, 0), 0, 0, default, Stream: true, HideUsage: false)
        {
            Client = DialectTable.OpenAI, Provider = DialectTable.OpenAI, Turns = turns,
        };
    }

    // All that a stream is told of: its time, that to the first event, both from the client's side, and its tokens.
    private static void Measure(GenAiMeter meter, ModelCall call, int streams)
    {
        for (var i = 0; i < streams; i++)
        {
            var now = TimeProvider.System.GetTimestamp();
            meter.Ended(call, new Settlement(UsageSource.Reported, new TokenCounts(180, 20, 0, 0, 0, 52, 0, 0), "a/any", 200) { FirstTokenAt = now }, now, now, isLast: true);
        }
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
