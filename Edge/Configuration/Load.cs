using System.Runtime.InteropServices;

namespace Sluice.Edge.Configuration;

/// <summary>Counts requests for the edge's reports: two interlocked steps a request, on cache lines of their own.</summary>
public sealed class Load
{
    private Counts _counts;

    /// <summary>Requests that began since the start.</summary>
    public long Begun => Volatile.Read(ref _counts.Begun);

    /// <summary>Requests being served.</summary>
    public int InFlight
    {
        get
        {
            // Ended is read first: a request that begins and ends in between must not make the difference negative.
            var ended = Volatile.Read(ref _counts.Ended);
            return (int)(Volatile.Read(ref _counts.Begun) - ended);
        }
    }

    /// <summary>A request began.</summary>
    public void Begin() => Interlocked.Increment(ref _counts.Begun);

    /// <summary>A request ended; once for each <see cref="Begin"/>.</summary>
    public void End() => Interlocked.Increment(ref _counts.Ended);

    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Counts
    {
        [FieldOffset(64)]
        public long Begun;

        [FieldOffset(128)]
        public long Ended;
    }
}
