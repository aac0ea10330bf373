namespace Sluice.Grains.Fleet;

/// <summary>How long leases last, and how long one must wait until a lease that is not renewed has certainly ended. See docs/reload.md.</summary>
/// <param name="Length">As granted: the edge counts it on its own monotonic clock from before it asked.</param>
/// <param name="Drift">How far any monotonic clock may run fast or slow, as a part of one.</param>
public sealed record LeaseTerms(TimeSpan Length, double Drift = LeaseTerms.AllowedDrift)
{
    /// <summary>One part in a thousand: more than any working clock drifts.</summary>
    public const double AllowedDrift = 1e-3;

    /// <summary>How often an edge renews.</summary>
    public TimeSpan RenewEvery => Length / 3;

    /// <summary>L(1+ρ)/(1−ρ): counted by a clock that may run fast, a lease counted by a clock that may run slow has ended. 3.006 s for 3 s.</summary>
    public TimeSpan Wait => Length * ((1 + Drift) / (1 - Drift));
}
