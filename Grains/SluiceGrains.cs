using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Grains.Acme;
using Sluice.Grains.Alerts;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Metrics;
using Sluice.Grains.Usage;
using Sluice.Grains.Webhooks;
using Sluice.Revisions.Outbound;

namespace Sluice.Grains;

/// <summary>Registers what the grains need on a silo. Storage named <c>Default</c> and <c>PubSubStore</c>, and an <see cref="IRecordArchive"/>, are registered by the host.</summary>
public static class SluiceGrains
{
    // A change is on its way to subscribers within one period. Who waits for it is told by a call that is held open; and a silo that is idle shall cost nothing.
    private static readonly TimeSpan PullPeriod = TimeSpan.FromMilliseconds(25);

    /// <summary>Adds the grains' services and the stream on which changes are sent.</summary>
    public static ISiloBuilder AddSluiceGrains(this ISiloBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddAccounts();
        builder.Services.TryAddSingleton<DeclaredPolicies>();
        builder.Services.TryAddSingleton<ReloadMeter>();
        builder.Services.TryAddSingleton<AuthorMeter>();
        builder.Services.TryAddSingleton<ReloadLog>();
        builder.Services.AddHostedService<GrainWake>();
        builder.Services.AddHostedService<UsageUpkeep>();
        builder.Services.TryAddSingleton<OwnPorts>();
        builder.Services.TryAddSingleton<WebhookSender>();
        builder.Services.TryAddSingleton<MailSender>();
        builder.Services.TryAddSingleton<WebhookMeter>();
        builder.Services.TryAddSingleton<AlertMeter>();
        builder.Services.TryAddSingleton<AcmeMeter>();
        builder.Services.TryAddSingleton<Authorities>();
        builder.AddMemoryStreams(ChangeStream.Provider, streams =>
        {
                        // Each queue is polled, so there is one: changes are few.
            streams.ConfigurePartitioning(1);
            streams.ConfigurePullingAgent(agent => agent.Configure((StreamPullingAgentOptions options) => options.GetQueueMsgsTimerPeriod = PullPeriod));
        });
        return builder;
    }
}
