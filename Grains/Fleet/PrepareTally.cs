using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>
/// What the edges said about one candidate. One refusal ends it; an edge that is gone is not waited for, nor one that did not even hear of it: where others were much faster, it is
/// silent, and what it may still admit is the barrier's matter. Plain rules over a monotonic time that the caller gives.
/// </summary>
/// <param name="edges">Whom to ask: those that listened when the candidate came.</param>
/// <param name="start">When they were told.</param>
public sealed class PrepareTally(IEnumerable<string> edges, TimeSpan start)
{
    private const int TimesSlowest = 4;
    private static readonly TimeSpan LeastSilence = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostSilence = TimeSpan.FromMilliseconds(500);
    private readonly HashSet<string> _awaited = new(edges, StringComparer.Ordinal);
    private readonly HashSet<string> _unheard = new(edges, StringComparer.Ordinal);
    private TimeSpan? _slowest;

    /// <summary>The first refusal, or null.</summary>
    public EdgeRefusal? Refusal { get; private set; }

    /// <summary>Who refused first, or null.</summary>
    public string? RefusedBy { get; private set; }

    /// <summary>Those that said that they are prepared.</summary>
    public int Prepared { get; private set; }

    /// <summary>Those that were asked and did not answer.</summary>
    public IEnumerable<string> Awaited => _awaited;

    /// <summary>From when on an edge that did not hear of the candidate counts as silent: four times what the slowest of the others took, 50 to 500 ms after the start.</summary>
    public TimeSpan SilentFrom => start + (_slowest is { } slowest ? TimeSpan.FromTicks(Math.Clamp(slowest.Ticks * TimesSlowest, LeastSilence.Ticks, MostSilence.Ticks)) : MostSilence);

    /// <summary>An edge heard of the candidate, and is at work on it.</summary>
    public void Hear(string edge, TimeSpan now)
    {
        if (_unheard.Remove(edge))
        {
            _slowest = now - start;
        }
    }

    /// <summary>An edge answered; null: it is prepared.</summary>
    public void Answer(string edge, EdgeRefusal? refusal, TimeSpan now)
    {
        Hear(edge, now);
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
    /// <param name="now">The time; null: silent edges are waited for as well.</param>
    public bool IsSettled(Func<string, bool> isLive, TimeSpan? now) =>
        Refusal is not null || !_awaited.Any(edge => isLive(edge) && (now is not { } time || time < SilentFrom || !_unheard.Contains(edge)));
}
