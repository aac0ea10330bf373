namespace Sluice.Edge.Memory;

/// <summary>
/// When an edge takes no new requests for want of memory. Plain rules, whose readings and time are given; for one thread. It promises: garbage is collected before anything is refused, and while
/// it is, so that what is refused for is in use, or was less than <see cref="LeastPause"/> ago; and once full it stays so until a good part is free again, so that it does not come and go with each request.
/// </summary>
/// <param name="fullAt">The share at which it is full, 0 to 1.</param>
internal sealed class MemoryRule(double fullAt)
{
    /// <summary>How far below it must be to be well again.</summary>
    public const double Slack = 0.05;

    /// <summary>Between two collections that are asked for.</summary>
    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(5);

    private TimeSpan? _collectedAt;

    /// <summary>Whether new requests are refused.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Looks at a reading; after <see cref="MemoryMove.Collect"/> it is to be shown the next one at once.</summary>
    public MemoryMove Look(in MemoryReading reading, TimeSpan now)
    {
        var share = reading.Share;
        if (IsFull && share < fullAt - Slack)
        {
            IsFull = false;
            return MemoryMove.Freed;
        }

        if (!IsFull && share < fullAt)
        {
            return MemoryMove.None;
        }

        if (_collectedAt is not { } last || now - last >= LeastPause)
        {
            _collectedAt = now;
            return MemoryMove.Collect;
        }

        if (IsFull)
        {
            return MemoryMove.None;
        }

        IsFull = true;
        return MemoryMove.Filled;
    }
}

/// <summary>What is to be done.</summary>
internal enum MemoryMove
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Garbage is to be collected.</summary>
    Collect,

    /// <summary>From now on new requests are refused: to be told.</summary>
    Filled,

    /// <summary>From now on they are taken again: to be told.</summary>
    Freed,
}
