using Orleans.Configuration;
using Orleans.Hosting;

namespace Sluice.Silo.Clustering;

/// <summary>
/// How fast a cluster notices that one of its silos is gone, and what it takes from whoever connects. One place for silos and edges, whichever table the
/// membership rests in; docs/operations.md has the reasons and what was measured.
/// </summary>
public static class LivenessSettings
{
    /// <summary>How often an edge looks for gateways that are new or gone.</summary>
    public static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    // Three probes of 1 s (adapted between 0.5 s and 4 s to what is observed) instead of 5 s.
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(1);
    private const int MissedProbes = 3;

    // A silo counts as silent after three of these: 15 s, instead of 90 s, is the longest that a start waits for silos that were killed together.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);
    private const int MissedHeartbeats = 3;

    /// <summary>A silo without a sign of life for this long counts as gone.</summary>
    public static readonly TimeSpan SilentAfter = Heartbeat * MissedHeartbeats;

    // Gossip tells of changes at once; this is for a silo that gossip did not reach.
    private static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(10);

    // Callers bound their own waits, and far shorter; this is for calls between grains.
    private static readonly TimeSpan Response = TimeSpan.FromSeconds(15);

    // A body of 16 MiB at the admin API can be somewhat larger as a message.
    private const int LargestHeader = 1024 * 1024;
    private const int LargestBody = 32 * 1024 * 1024;

    // A grain that is this far behind would answer after its callers gave up: it refuses instead.
    private const int MostWaitingForOneGrain = 10_000;

    /// <summary>Sets them on a silo.</summary>
    public static ISiloBuilder UseLivenessSettings(this ISiloBuilder silo) => silo
        .Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = Probe;
            membership.NumMissedProbesLimit = MissedProbes;
            membership.IAmAliveTablePublishTimeout = Heartbeat;
            membership.NumMissedTableIAmAliveLimit = MissedHeartbeats;
            membership.TableRefreshTimeout = TableRefresh;
        })
        .Configure<SiloMessagingOptions>(messaging =>
        {
            Limit(messaging);
            messaging.MaxEnqueuedRequestsHardLimit = MostWaitingForOneGrain;
        })
        .Configure<LoadSheddingOptions>(shedding => shedding.LoadSheddingEnabled = true);

    /// <summary>Sets them on a client.</summary>
    public static IClientBuilder UseLivenessSettings(this IClientBuilder client) => client
        .Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh)
        .Configure<ClientMessagingOptions>(Limit);

    private static void Limit(MessagingOptions messaging)
    {
        messaging.ResponseTimeout = Response;
        messaging.MaxMessageHeaderSize = LargestHeader;
        messaging.MaxMessageBodySize = LargestBody;
    }
}
