using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>A leased share as requests meet it; replaced whole.</summary>
/// <param name="Limit">As declared in the revision that it was made for.</param>
/// <param name="Requests">Null: requests are not limited.</param>
/// <param name="Tokens">Null: tokens are not limited.</param>
/// <param name="EndsAt">A timestamp.</param>
/// <param name="Since">A timestamp: from when this edge has had a share without a break.</param>
/// <param name="Revision">The revision that the grain was told.</param>
internal sealed record RateShare(LimitResource Limit, RateLease Lease, Gcra? Requests, Gcra? Tokens, long EndsAt, long Since, long Revision)
{
    /// <summary>Whether requests at one time are bounded.</summary>
    public bool HasConcurrent => Lease.Declared && Limit.Concurrent is not null;
}

/// <summary>What came of a try to enter. <see cref="Take.Sealed"/>: there is no share to decide by.</summary>
internal readonly record struct RateOutcome(Take Take, TimeSpan Wait, RateKind Kind)
{
    /// <summary>No share, or one whose lease ended.</summary>
    public static RateOutcome NoShare => new(Take.Sealed, TimeSpan.Zero, RateKind.Requests);
}

/// <summary>Which of a limit's bounds.</summary>
internal enum RateKind
{
    Requests,
    Tokens,
    Concurrent,
}

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

    public RateDemand Take(TimeSpan now, string edge, long revision)
    {
        var elapsed = _takenAt == TimeSpan.MinValue || now - _takenAt < Shortest ? Shortest : now - _takenAt;
        _takenAt = now;
        _requests.Tick(elapsed);
        _tokens.Tick(elapsed);
        return new RateDemand(edge, _requests.PerSecond, _tokens.PerSecond, Interlocked.Exchange(ref _peak, 0), revision);
    }
}
