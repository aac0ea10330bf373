namespace Sluice.Edge.Configuration;

/// <summary>The edge's right to speak for the cluster, counted on the monotonic clock from before each renewal was sent. See docs/reload.md.</summary>
public sealed class EdgeLease(TimeProvider time)
{
    private long _endsAt = long.MinValue;

    /// <summary>Whether the lease holds now. While it does not, what was learned of credentials must be asked for anew.</summary>
    public bool Holds => time.GetTimestamp() < Volatile.Read(ref _endsAt);

    /// <summary>Enters a grant: it ends <paramref name="length"/> after <paramref name="asked"/>, a timestamp taken before the call was sent. Never shortens.</summary>
    public void Extend(long asked, TimeSpan length)
    {
        var endsAt = asked + (long)(length.TotalSeconds * time.TimestampFrequency);
        var seen = Volatile.Read(ref _endsAt);
        while (endsAt > seen)
        {
            var was = Interlocked.CompareExchange(ref _endsAt, endsAt, seen);
            if (was == seen)
            {
                return;
            }

            seen = was;
        }
    }
}
