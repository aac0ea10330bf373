using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Where an edge stands: what it runs, how far it has applied changes, and until when it may admit. It promises to the publisher: an edge that admits without
/// the mark <c>sluice-stale</c> has reached all that was required when its lease was granted. Described in docs/reload.md.
/// </summary>
/// <param name="Head">Of the active revision; null before the first.</param>
/// <param name="Changes">All changes up to this number are applied.</param>
/// <param name="Lease">The lease that counts, or null.</param>
/// <param name="Pending">A grant that does not count yet, because the edge has not reached what it requires; or null.</param>
public sealed record EdgeStanding(Head? Head, long Changes, Grant? Lease, Grant? Pending)
{
    /// <summary>At the start: nothing is active, nothing may be admitted.</summary>
    public static EdgeStanding Start { get; } = new(null, 0, null, null);

    /// <summary>
    /// In a strict workspace: the candidate for which this edge holds new requests, having promised to admit none before it runs a head that has reached it. Null: none.
    /// </summary>
    public Head? Held { get; init; }

    /// <summary>Whether the edge may admit at this moment.</summary>
    public bool Admits(Instant now) => Held is null && Holds(now);

    /// <summary>Whether the lease holds at this moment: it has ended as soon as either clock says so.</summary>
    public bool Holds(Instant now) => Head is not null && Lease is { } lease && now.Monotonic < lease.Ends.Monotonic && now.Wall < lease.Ends.Wall;
}

/// <summary>
/// A moment on the two clocks of one machine. The monotonic clock alone is right, but on many systems it stands still while the machine is suspended; the wall
/// clock goes on then. Neither is ever compared with another machine's.
/// </summary>
/// <param name="Monotonic">Since the process began.</param>
/// <param name="Wall">Since the process began; jumps when the clock is set.</param>
public readonly record struct Instant(TimeSpan Monotonic, TimeSpan Wall)
{
    /// <summary>The same span later on both clocks.</summary>
    public static Instant operator +(Instant instant, TimeSpan span) => instant.Add(span);

    /// <summary>The same span later on both clocks.</summary>
    public Instant Add(TimeSpan span) => new(Monotonic + span, Wall + span);
}

/// <summary>A lease as the edge counts it.</summary>
/// <param name="Ends">The lease's length after the moment before the edge asked.</param>
/// <param name="Head">What must be active before it counts.</param>
/// <param name="Changes">Up to which change all must be applied before it counts.</param>
public sealed record Grant(Instant Ends, Head Head, long Changes);

/// <summary>How an edge's standing moves. Plain rules: the time is an input.</summary>
public static class EdgeMoves
{
    /// <summary>A grant came, for a renewal that was sent after <paramref name="asked"/>. It counts once the edge has reached what it requires.</summary>
    public static EdgeStanding Granted(EdgeStanding standing, Instant asked, TimeSpan length, Head head, long changes)
    {
        var grant = new Grant(asked + length, head, changes);
        return Settle(standing.Pending is { } pending && IsLater(pending, grant) ? standing : standing with { Pending = grant });
    }

    /// <summary>A revision was swapped in; null where an equal or greater one is active, and nothing may be swapped.</summary>
    public static EdgeStanding? Activated(EdgeStanding standing, Head head) =>
        standing.Head is { } active && !HeadOrder.IsAfter(head, active) ? null : Settle(standing with { Head = head, Held = StillHeld(standing.Held, head) });

    /// <summary>
    /// The edge holds for a candidate until it runs a head that has reached it: the candidate itself, a later one, or one of a later term, under which the candidate can
    /// never be committed. Neither time nor a new lease ends it.
    /// </summary>
    public static EdgeStanding Hold(EdgeStanding standing, Head candidate)
    {
        var held = standing.Held is { } other && HeadOrder.HasReached(other, candidate) ? other : candidate;
        return standing with { Held = standing.Head is { } active ? StillHeld(held, active) : held };
    }

    /// <summary>All changes up to this number are applied.</summary>
    public static EdgeStanding Applied(EdgeStanding standing, long change) =>
        change <= standing.Changes ? standing : Settle(standing with { Changes = change });

    /// <summary>The edge leaves: whatever it was granted is given back.</summary>
    public static EdgeStanding Left(EdgeStanding standing) => standing with { Lease = null, Pending = null };

    private static Head? StillHeld(Head? held, Head active) => held is not null && HeadOrder.HasReached(active, held) ? null : held;

    private static EdgeStanding Settle(EdgeStanding standing)
    {
        if (standing.Pending is not { } grant
            || standing.Head is not { } head || !HeadOrder.HasReached(head, grant.Head) || standing.Changes < grant.Changes)
        {
            return standing;
        }

        return standing with { Pending = null, Lease = standing.Lease is { } lease && IsLater(lease, grant) ? lease : grant };
    }

    private static bool IsLater(Grant grant, Grant than) => grant.Ends.Monotonic >= than.Ends.Monotonic;
}
