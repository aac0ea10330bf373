using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains;

/// <summary>Registers what the grains need on a silo. Storage named <c>Default</c> and <c>PubSubStore</c> is registered by the host.</summary>
public static class SluiceGrains
{
    // A change is on its way to subscribers within one period. Each queue is polled at this rate, so there is one: changes are few.
    private static readonly TimeSpan PullPeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>Adds the grains' services and the stream on which changes are sent.</summary>
    public static ISiloBuilder AddSluiceGrains(this ISiloBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddAccounts();
        builder.AddMemoryStreams(ChangeStream.Provider, streams =>
        {
            streams.ConfigurePartitioning(1);
            streams.ConfigurePullingAgent(agent => agent.Configure((StreamPullingAgentOptions options) => options.GetQueueMsgsTimerPeriod = PullPeriod));
        });
        return builder;
    }
}
