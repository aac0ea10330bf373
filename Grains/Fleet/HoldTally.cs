using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Fleet;

/// <summary>
/// Which edges hold new requests for one candidate of a strict workspace. What an edge promised stays true: it is let go by no time, only by a head that has reached the
/// candidate, of which the commit knows. Plain rules.
/// </summary>
/// <param name="candidate">The head that is to be committed.</param>
public sealed class HoldTally(Head candidate)
{
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    /// <summary>The edges that hold.</summary>
    public ImmutableArray<string> Held => [.. _held.Order(StringComparer.Ordinal)];

    /// <summary>An edge told what it holds for; what it tells of another candidate does not count.</summary>
    public void Answer(string edge, Head held)
    {
        if (held == candidate)
        {
            _held.Add(edge);
        }
    }

    /// <summary>Those of the edges that do not hold.</summary>
    public ImmutableArray<string> Missing(IEnumerable<string> edges) => [.. edges.Where(edge => !_held.Contains(edge))];
}
