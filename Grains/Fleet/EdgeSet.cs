using Sluice.Grains.Catalog;

namespace Sluice.Grains.Fleet;

/// <summary>
/// The durable set of edges in the head's row. It promises that an edge which holds a lease is in the set: it enters before its first grant, and leaves by
/// saying so or by its lease having ended, of which a lapse mark is the proof. A grant is only given from a row in which the edge is in the set and not
/// marked; so whoever saw a mark, waited a lease's length, and finds the same mark still there, knows that nobody granted anything since. That is right
/// with any number of activations of the fleet at work. Plain rules, described in docs/reload.md.
/// </summary>
public static class EdgeSet
{
    /// <summary>Whether an edge may be granted a lease from this row.</summary>
    public static bool MayBeGranted(HeadRow row, string edge) => row.Edges.TryGetValue(edge, out var mark) && mark == 0;

    /// <summary>The edges are in the set, and not marked.</summary>
    public static HeadRow Enlist(HeadRow row, IEnumerable<string> edges) => row with { Edges = row.Edges.SetItems(edges.Select(e => KeyValuePair.Create(e, 0L))) };

    /// <summary>An edge said that it admits no more. Its id is never used again.</summary>
    public static HeadRow Leave(HeadRow row, string edge) => row with { Edges = row.Edges.Remove(edge) };

    /// <summary>Edges that seem silent get a mark each.</summary>
    public static HeadRow Mark(HeadRow row, IEnumerable<string> edges)
    {
        var (set, marks) = (row.Edges, row.Marks);
        foreach (var edge in edges)
        {
            set = set.SetItem(edge, ++marks);
        }

        return row with { Edges = set, Marks = marks };
    }

    /// <summary>The edges whose lease has ended leave the set.</summary>
    public static HeadRow Strike(HeadRow row, IEnumerable<string> edges) => row with { Edges = row.Edges.RemoveRange(edges) };
}
