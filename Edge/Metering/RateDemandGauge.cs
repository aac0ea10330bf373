using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Edge.Metering;

/// <summary>What was asked of a limit on this edge, admitted or not. Counting is safe for concurrent use, <see cref="Take"/> is one caller's.</summary>
internal sealed class RateDemandGauge
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private readonly SpendRate _requests = new();
    private readonly SpendRate _tokens = new();
    private TimeSpan _takenAt = TimeSpan.MinValue;
    private long _asks;
    private long _seenAsks;
    private int _peak;
    private long _number;

    /// <summary>Whether anything was asked since this was last read.</summary>
    public bool HasNews
    {
        get
        {
            var asks = Volatile.Read(ref _asks);
            return Interlocked.Exchange(ref _seenAsks, asks) != asks;
        }
    }

    public void Ask(long tokens, int concurrent)
    {
        Interlocked.Increment(ref _asks);
        _requests.Count(1);
        _tokens.Count(tokens);
        if (concurrent > Volatile.Read(ref _peak))
        {
            // Two that race here may lose one step of the peak; the next ask brings it.
            Volatile.Write(ref _peak, concurrent);
        }
    }

    public RateDemand Take(TimeSpan now, string edge, long revision, int heldShare, int heldConcurrent)
    {
        var elapsed = _takenAt == TimeSpan.MinValue || now - _takenAt < Shortest ? Shortest : now - _takenAt;
        _takenAt = now;
        _requests.Tick(elapsed);
        _tokens.Tick(elapsed);
        return new RateDemand(edge, _requests.PerSecond, _tokens.PerSecond, Interlocked.Exchange(ref _peak, 0), revision, NextNumber(), heldShare, heldConcurrent);
    }

    /// <summary>The number of the next message to the grain, by which it knows an overtaken one.</summary>
    public long NextNumber() => Interlocked.Increment(ref _number);
}
