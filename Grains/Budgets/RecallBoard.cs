namespace Sluice.Grains.Budgets;

/// <summary>
/// Which edges have answered the last recall, in plain code over the memory of one activation. Nothing rests on it but whether a request that cannot be covered is worth
/// another try: an edge that is not heard of is not waited for. See docs/accounting.md, "Recall".
/// </summary>
/// <param name="first">The number before that of the first recall; another than any of an earlier activation.</param>
/// <param name="begun">When the activation began.</param>
internal sealed class RecallBoard(long first, TimeSpan begun)
{
    /// <summary>How long an edge is waited for.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    /// <summary>How long an edge stays known after it last listened: longer than a call is held open.</summary>
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (long Answered, TimeSpan At)> _listeners = new(StringComparer.Ordinal);
    private TimeSpan _askedAt;
    private long _asked;

    /// <summary>The number of the last recall.</summary>
    public long Number => first + _asked;

    /// <summary>An edge listens, and tells by it that it has answered a recall. True: there is none after that, it waits for the next.</summary>
    public bool Listen(string edge, long answered, TimeSpan now)
    {
        _listeners[edge] = (answered, now);

        // Whoever begins to listen has borrowed before it knew of a recall: it is asked once, whenever that was.
        return answered == Number || (answered == 0 && _asked == 0);
    }

    /// <summary>An edge is told to listen: it will be heard of soon.</summary>
    public void Expect(string edge, TimeSpan now) => _listeners.TryAdd(edge, (0, now));

    /// <summary>Asks all who listen for what they hold unused. Not again while some have yet to answer.</summary>
    public void Ask(TimeSpan now)
    {
        if (IsUnderWay(now))
        {
            return;
        }

        // Whoever did not answer the last one is not waited for again before it is heard of.
        foreach (var gone in _listeners.Where(l => now - l.Value.At > Known || (_asked > 0 && l.Value.Answered != Number && l.Value.At <= _askedAt)).Select(l => l.Key).ToList())
        {
            _listeners.Remove(gone);
        }

        _asked++;
        _askedAt = now;
    }

    /// <summary>Whether something was recalled lately, and should not go to whoever asks ahead of need.</summary>
    public bool IsRecent(TimeSpan now) => _asked > 0 && now - _askedAt < Bound * 2;

    /// <summary>Whether an answer to the last recall may still come. A new activation has heard of nobody yet, and gives them time to be heard.</summary>
    public bool IsUnderWay(TimeSpan now) =>
        _asked > 0 && now - _askedAt < Bound && (now - begun < Bound || _listeners.Values.Any(l => l.Answered != Number));
}
