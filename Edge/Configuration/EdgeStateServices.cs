using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Sluice.Edge.CallLog;
using Sluice.Edge.CallLog.Bodies;
using Sluice.Edge.Caching;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.KnownGood;
using Sluice.Edge.Metering;
using Sluice.Edge.Metering.Journal;
using Sluice.Edge.Metrics;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Targets;

namespace Sluice.Edge.Configuration;

/// <summary>Registers what an edge knows: its revision, its callers, its leases.</summary>
public static class EdgeStateServices
{
    /// <summary>Adds the state of an edge. <c>IClusterClient</c>, <see cref="EdgeOptions"/> and <see cref="TimeProvider"/> must be registered.</summary>
    public static IServiceCollection AddEdgeState(this IServiceCollection services)
    {
        services.AddSingleton(provider => new EdgeStart(
            provider.GetRequiredService<EdgeOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<IServer>()));
        services.AddSingleton<ActiveRevision>();
        services.AddSingleton<EdgeMeter>();
        services.AddSingleton<MetricsText>();
        services.TryAddSingleton(SiloConnection.Open);
        services.AddSingleton<SuspectRevisions>();
        services.AddSingleton<SecretUses>();
        services.AddSingleton<RevisionLoader>();
        services.AddSingleton<KnownGoodKeeper>();
        services.AddSingleton<Preparation>();
        services.AddSingleton<RevisionFollower>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<AnswerStores>();
        services.AddSingleton<CacheUpkeep>();
        services.AddSingleton<EdgeJournal>();
        services.AddSingleton(provider => new UsageLedger(
            provider.GetRequiredService<IClusterClient>(),
            provider.GetRequiredService<EdgeStart>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<UsageLedger>>(),
            provider.GetRequiredService<EdgeJournal>().Journal));
        services.AddSingleton<UsageInstruments>();
        services.AddSingleton<Meter>();
        services.AddSingleton<WatchedSplits>();
        services.AddSingleton<CallBuffer>();
        services.AddSingleton<BodyBuffer>();
        services.AddSingleton<RecentCalls>();
        services.AddSingleton<TargetTable>();
        services.AddSingleton<TargetReadings>();
        services.AddSingleton<CallDelivery>();

        // The first to start: what is kept on disk is there before anything is asked.
        services.AddHostedService(provider => provider.GetRequiredService<KnownGoodKeeper>());

        // Stopped in reverse: usage is reported first, and the fleet is left last.
        services.AddSingleton<FleetMembership>();
        services.AddHostedService(provider => provider.GetRequiredService<FleetMembership>());
        services.AddHostedService(provider => provider.GetRequiredService<RevisionFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        services.AddHostedService(provider => provider.GetRequiredService<Preparation>());
        services.AddHostedService(provider => provider.GetRequiredService<CallDelivery>());
        services.AddSingleton<HoldRelease>();
        services.AddHostedService(provider => provider.GetRequiredService<HoldRelease>());
        services.AddHostedService<FleetListener>();
        services.AddHostedService<Acknowledgement>();
        services.AddHostedService<MeterUpkeep>();
        services.AddHostedService<JournalRecovery>();
        services.AddHostedService<CallLogDelivery>();
        services.AddHostedService<BodyDelivery>();
        services.AddHostedService<FiguresReport>();
        services.AddHostedService<EffectReport>();
        services.AddHostedService<ReadingsReport>();
        services.AddHostedService(provider => provider.GetRequiredService<CacheUpkeep>());
        return services;
    }
}
