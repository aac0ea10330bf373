using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Fleet;

/// <summary>
/// How far each edge has come, as it said itself: the barrier's other half. What an edge acknowledged stays true, for it only goes forward and its id is
/// never used again. Plain rules.
/// </summary>
public sealed class Progress
{
    private readonly Dictionary<string, Reached> _edges = new(StringComparer.Ordinal);

    /// <summary>An edge told how far it is; late news changes nothing.</summary>
    public void Acknowledge(string edge, Reached reached)
    {
        var known = Of(edge);
        _edges[edge] = new Reached(
            HeadOrder.IsAfter(reached.Head, known.Head) ? reached.Head : known.Head, Math.Max(reached.Changes, known.Changes));
    }

    /// <summary>How far an edge has come; nowhere, where it told nothing.</summary>
    public Reached Of(string edge) => _edges.GetValueOrDefault(edge, Reached.Nothing);

    /// <summary>Whether an edge has come so far.</summary>
    public bool HasReached(string edge, Reached wanted)
    {
        var known = Of(edge);
        return HeadOrder.HasReached(known.Head, wanted.Head) && known.Changes >= wanted.Changes;
    }

    /// <summary>Those of the edges that have not come so far.</summary>
    public ImmutableArray<string> Missing(IEnumerable<string> edges, Reached wanted) => [.. edges.Where(e => !HasReached(e, wanted))];

    /// <summary>Keeps what is known of these edges only.</summary>
    public void Keep(Func<string, bool> isKept)
    {
        foreach (var edge in _edges.Keys.Where(e => !isKept(e)).ToArray())
        {
            _edges.Remove(edge);
        }
    }
}

/// <summary>A point that an edge has reached, or shall reach.</summary>
/// <param name="Head">The active revision's head.</param>
/// <param name="Changes">All changes up to this number are applied.</param>
public sealed record Reached(Head Head, long Changes)
{
    /// <summary>The start.</summary>
    public static Reached Nothing { get; } = new(HeadOrder.Nothing, 0);
}
