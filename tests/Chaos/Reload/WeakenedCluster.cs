using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Weakened;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>A silo and three edges, of which each but the last edge goes without one rule.</summary>
public sealed class WeakenedCluster : IAsyncLifetime
{
    /// <summary>The place of the edge that counts its lease from the receipt.</summary>
    internal const int FromReceipt = 0;

    /// <summary>The place of the edge whose lease does not end.</summary>
    internal const int WithoutEnd = 1;

    /// <summary>The place of the edge that goes by all rules.</summary>
    internal const int Whole = 2;

    private CheckedCluster? _cluster;

    internal CheckedCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        if (SocketOwners.CanTell)
        {
            _cluster = await CheckedCluster.StartAsync(new ClusterPlan(
                Silos: 1,
                Edges: 3,
                OfSilos: WithoutRule.Settings(Rule.RevocationWaits),
                OfEdges: new Dictionary<int, IReadOnlyDictionary<string, string>>
                {
                    [FromReceipt] = WithoutRule.Settings(Rule.LeaseFromBeforeItWasAsked),
                    [WithoutEnd] = WithoutRule.Settings(Rule.LeaseEnds),
                }));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }
    }
}
