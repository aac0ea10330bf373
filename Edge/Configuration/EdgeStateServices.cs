using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;

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
        services.AddSingleton<Load>();
        services.AddSingleton<RevisionLoader>();
        services.AddSingleton<Preparation>();
        services.AddSingleton<RevisionFollower>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<UsageLedger>();
        services.AddSingleton<Meter>();

        // Stopped in reverse: usage is reported first, and the fleet is left last.
        services.AddSingleton<FleetMembership>();
        services.AddHostedService(provider => provider.GetRequiredService<FleetMembership>());
        services.AddHostedService(provider => provider.GetRequiredService<RevisionFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        services.AddHostedService(provider => provider.GetRequiredService<Preparation>());
        services.AddHostedService<FleetListener>();
        services.AddHostedService<Acknowledgement>();
        services.AddHostedService<MeterUpkeep>();
        return services;
    }
}
