using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>What the edges said about one candidate. One refusal ends it; an edge that is gone is not waited for. Plain rules.</summary>
/// <param name="edges">Whom to ask: the live edges when the candidate came.</param>
public sealed class PrepareTally(IEnumerable<string> edges)
{
    private readonly HashSet<string> _awaited = new(edges, StringComparer.Ordinal);

    /// <summary>The first refusal, or null.</summary>
    public EdgeRefusal? Refusal { get; private set; }

    /// <summary>Who refused first, or null.</summary>
    public string? RefusedBy { get; private set; }

    /// <summary>Those that said that they are prepared.</summary>
    public int Prepared { get; private set; }

    /// <summary>An edge answered; null: it is prepared.</summary>
    public void Answer(string edge, EdgeRefusal? refusal)
    {
        if (_awaited.Remove(edge) && refusal is null)
        {
            Prepared++;
        }

        if (refusal is not null && Refusal is null)
        {
            (Refusal, RefusedBy) = (refusal, edge);
        }
    }

    /// <summary>Whether nobody is waited for any more.</summary>
    /// <param name="isLive">Whether an edge may still answer.</param>
    public bool IsSettled(Func<string, bool> isLive) => Refusal is not null || !_awaited.Any(isLive);
}
