using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;
using Sluice.Tests.Weakened;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>A silo and three edges, of which all but the last edge can be made to go without rules.</summary>
public sealed class WeakenedCluster : IAsyncLifetime
{
    /// <summary>The place of the edge from which a rule can be taken away.</summary>
    internal const int Weak = 0;

    /// <summary>The place of the edge whose lease does not end, whatever else: clocks that stood still cannot be set right.</summary>
    internal const int WithoutEnd = 1;

    /// <summary>The place of the edge that goes by all rules.</summary>
    internal const int Whole = 2;

    private readonly TemporaryFolder _rules = new();
    private CheckedCluster? _cluster;

    internal CheckedCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        if (SocketOwners.CanTell)
        {
            _cluster = await CheckedCluster.StartAsync(new ClusterPlan(
                Silos: 1,
                Edges: 3,
                OfSilos: Settings(Rule.GrantFromARead, Rule.ListedBeforeGranted, Rule.BarrierOfAll, Rule.RevocationWaits),
                OfEdges: new Dictionary<int, IReadOnlyDictionary<string, string>>
                {
                    [Weak] = Settings(Rule.LeaseFromBeforeItWasAsked, Rule.GrantCountsOnceReached, Rule.AcknowledgedOnceRun),
                    [WithoutEnd] = Settings(Rule.LeaseEnds),
                }));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }

        _rules.Dispose();
    }

    /// <summary>Takes a rule away from who can go without it, until what is answered is disposed.</summary>
    internal IDisposable Without(Rule rule) => WithoutRule.TakeAway(_rules.Path, rule);

    private IReadOnlyDictionary<string, string> Settings(params IEnumerable<Rule> rules) => WithoutRule.Settings(_rules.Path, rules);
}
