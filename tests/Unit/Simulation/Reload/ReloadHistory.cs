using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>Something that the protocol promises did not hold.</summary>
public sealed class InvariantBrokenException(string invariant, string message) : Exception($"{invariant}: {message}")
{
    /// <summary>As docs/reload.md names it.</summary>
    public string Invariant => invariant;
}

/// <summary>What a request that arrives now must find at least.</summary>
/// <param name="Revision">A publish returned it.</param>
/// <param name="Changes">A call that takes a right away returned after it.</param>
/// <param name="Seen">Published strictly, and a request was admitted under it or under a later one.</param>
internal readonly record struct Floor(long Revision, long Changes, long Seen);

/// <summary>What happened, and whether it may: the invariants K1, K2, K4, K5, K6 and K7 of docs/reload.md, judged as each thing happens.</summary>
internal sealed class ReloadHistory(ReloadWorld world)
{
    private readonly Dictionary<string, Head> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _publishes = new(StringComparer.Ordinal);

    // Each revision that was ever the head's, by its number.
    private readonly List<string> _stored = [""];

    private TimeSpan _lastCommit;
    private long _seenUpTo;

    /// <summary>All that was returned so far.</summary>
    public Floor Floor { get; private set; }

    /// <summary>The head's row was written.</summary>
    public void Stored(HeadRow row)
    {
        if (row.Revision == _stored.Count)
        {
            _stored.Add(row.Hash);
            _lastCommit = world.Simulator.Now;
        }
    }

    /// <summary>A publish returned to its caller.</summary>
    public void Returned(string id, long revision)
    {
        if (!_publishes.TryAdd(id, revision) && _publishes[id] != revision)
        {
            Broken("K5", $"publish {id} made revisions {_publishes[id]} and {revision}");
        }

        var twice = world.Storage.Row.Recent.GroupBy(p => p.Id.TrimEnd('\'')).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
        {
            Broken("K5", $"publish {twice.Key} made {twice.Count()} revisions");
        }

        Floor = Floor with { Revision = Math.Max(Floor.Revision, revision) };
    }

    /// <summary>A change that takes a right away returned to its caller.</summary>
    public void Required(long change) => Floor = Floor with { Changes = Math.Max(Floor.Changes, change) };

    /// <summary>An edge swapped a revision in.</summary>
    public void Activated(SimulatedEdge edge, Head head)
    {
        if (_active.TryGetValue(edge.Id, out var before) && !HeadOrder.IsAfter(head, before))
        {
            Broken("K2", $"{edge.Id} fell from {before} to {head}");
        }

        if (head.Hash.Length > 0 && !edge.HasCompiled(head.Hash))
        {
            Broken("K4", $"{edge.Id} activated {head}, which it never compiled");
        }

        _active[edge.Id] = head;
    }

    /// <summary>An edge admitted a request without the mark that it may be stale.</summary>
    public void Admitted(SimulatedEdge edge, Floor arrived)
    {
        var standing = edge.Standing;
        if (standing.Head!.Revision < arrived.Revision)
        {
            Broken("K1", $"{edge.Id} admitted under {standing.Head}, though {arrived.Revision} had been returned before the request arrived");
        }

        if (standing.Changes < arrived.Changes)
        {
            Broken("K1", $"{edge.Id} admitted with change {standing.Changes}, though {arrived.Changes} had been returned before the request arrived");
        }

        if (standing.Head.Revision < arrived.Seen)
        {
            Broken("K6", $"{edge.Id} admitted under {standing.Head}, though a request had been admitted under {arrived.Seen} or later before it arrived");
        }

        See(standing.Head.Revision);
    }

    /// <summary>A lease's wait after all was healed and the last commit: every edge is at the head and admits.</summary>
    public void CheckConverged(IEnumerable<SimulatedEdge> edges, bool publishedAgain)
    {
        var row = world.Storage.Row;
        // Strict publishes wait for silent edges one after the other, so that the last ones may still be on their way.
        if (Floor.Revision == 0 && publishedAgain && (row.Revision == 0 || !world.MayBeStrict))
        {
            Broken("K7", "no publish ever returned");
        }

        if (world.Simulator.Now - _lastCommit < world.Terms.Wait || ReloadWorld.IsPoison(row.Hash))
        {
            // A body that edges refuse, committed while none could be asked, is left for the next publish.
            return;
        }

        // A publish may be at its commit: a hold ends within a lease and a call.
        foreach (var edge in edges.Where(e => !e.IsHeld || world.Simulator.Now - e.HeldSince > world.Terms.Wait))
        {
            if (edge.Standing.Head?.Revision != row.Revision || !edge.Admits())
            {
                Broken("K7", $"{edge.Id} is at {edge.Standing.Head} and {(edge.Admits() ? "admits" : "admits nothing")}, the head is {row.Revision}");
            }
        }
    }

    // A strict publish leaves none behind: the last of them that is not after what was seen is what all others must have reached.
    private void See(long revision)
    {
        for (var next = Math.Max(_seenUpTo + 1, 1); next <= revision; next++)
        {
            if (ReloadWorld.IsStrict(_stored[(int)next]) || ReloadWorld.IsStrict(_stored[(int)next - 1]))
            {
                Floor = Floor with { Seen = next };
            }
        }

        _seenUpTo = Math.Max(_seenUpTo, revision);
    }

    private void Broken(string invariant, string message) => throw new InvariantBrokenException(
        invariant, $"{message} (at {world.Simulator.Now}, seed {world.Simulator.Seed}, {world.Variant})");
}
