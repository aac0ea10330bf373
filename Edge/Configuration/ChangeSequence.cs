namespace Sluice.Edge.Configuration;

/// <summary>What is to be done with a change that arrived.</summary>
public enum ChangeStep
{
    /// <summary>It is the next one: apply it.</summary>
    Apply,

    /// <summary>It was applied before.</summary>
    Seen,

    /// <summary>Some before it are missing: ask the log for all after <see cref="ChangeSequence.Last"/>.</summary>
    Gap,
}

/// <summary>
/// The order of a workspace's changes as an edge sees them. The stream may lose, double and delay; the log is certain. It also tells when the stream
/// itself must be subscribed anew: what had to be asked for did not come by stream by the next renewal. Not safe for concurrent use.
/// </summary>
public sealed class ChangeSequence(long start)
{
    private long _streamed = start;
    private long _askedFor = start;

    /// <summary>The number of the last applied change.</summary>
    public long Last { get; private set; } = start;

    /// <summary>A change came by stream.</summary>
    public ChangeStep Stream(long number)
    {
        _streamed = Math.Max(_streamed, number);
        if (number <= Last)
        {
            return ChangeStep.Seen;
        }

        if (number > Last + 1)
        {
            return ChangeStep.Gap;
        }

        Last = number;
        return ChangeStep.Apply;
    }

    /// <summary>The log answered up to <paramref name="last"/>: all of it was applied.</summary>
    public void CaughtUp(long last) => Last = Math.Max(Last, last);

    /// <summary>A renewal told the last change's number. Whether the log must be asked.</summary>
    public bool IsBehind(long last) => last > Last;

    /// <summary>
    /// A renewal told the last change's number: whether the stream has lost what an earlier renewal told of. After a true the count starts anew.
    /// </summary>
    public bool StreamIsLost(long last)
    {
        var lost = _streamed < _askedFor;
        if (lost)
        {
            _streamed = last;
        }

        _askedFor = last;
        return lost;
    }
}
