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

    /// <summary>The grain decides.</summary>
    public static RateOutcome Cold => new(Take.Cold, TimeSpan.Zero, RateKind.Requests);
}

/// <summary>Which of a limit's bounds.</summary>
internal enum RateKind
{
    Requests,
    Tokens,
    Concurrent,
}
