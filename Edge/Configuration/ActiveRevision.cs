using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// What new requests begin with: the active revision and the edge's right to admit under it, behind one reference that is swapped atomically. It promises that
/// (term, revision) never falls, and that whoever is told that the lease holds was told of a revision that satisfied the lease at that moment. The moves are
/// <see cref="EdgeMoves"/>; see docs/reload.md.
/// </summary>
public sealed class ActiveRevision(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly DateTimeOffset _wallOrigin = time.GetUtcNow();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _advanced = NewSource();
    private Stand _stand = new(null, EdgeStanding.Start);

    /// <summary>The revision; before there is one null: the edge is not ready.</summary>
    public EdgeRevision? Current => Volatile.Read(ref _stand).Revision;

    /// <summary>The revisions that requests run under: the active one and those before it whose requests have not ended.</summary>
    public RevisionsInUse InUse { get; } = new(time);

    /// <summary>The head of what was activated; null before: what an edge begins with from its disk is no activation.</summary>
    public Head? Head => Volatile.Read(ref _stand).Standing.Head;

    /// <summary>Ends when there is a revision, never in error.</summary>
    public Task Ready => _ready.Task;

    /// <summary>How far the edge has come: the head that it runs, and the last change that it applied.</summary>
    public (Head Head, long Changes) Reached => Volatile.Read(ref _stand).Standing is var standing ? (standing.Head ?? HeadOrder.Nothing, standing.Changes) : default;

    /// <summary>Ends when the edge has come further. Taken before <see cref="Reached"/> is read, so that nothing falls between.</summary>
    public Task Advanced => Volatile.Read(ref _advanced).Task;

    /// <summary>How long the lease holds yet; null: it has ended, or there was none.</summary>
    public TimeSpan? LeaseLeft => Volatile.Read(ref _stand).Standing is var standing && standing.Holds(Now) && standing.Lease is { } lease ? lease.Ends.Monotonic - Now.Monotonic : null;

    /// <summary>Whether the lease holds now: what was learned of credentials is certain only while it does.</summary>
    public bool Holds => Volatile.Read(ref _stand).Standing.Holds(Now);

    /// <summary>The time as leases are counted. A renewal takes it before it is sent.</summary>
    public Instant Now => new(time.GetElapsedTime(_origin), time.GetUtcNow() - _wallOrigin);

    /// <summary>The candidate for which new requests are held, or null.</summary>
    public Head? Held => Volatile.Read(ref _stand).Standing.Held;

    /// <summary>
    /// Admission: the revision for a new request, for how long the edge has had no right to admit under it (null: it has), and whether the request must wait for news of a
    /// commit: then it is to be asked again once the edge has <see cref="Advanced"/>.
    /// </summary>
    public (EdgeRevision? Revision, TimeSpan? StaleFor, bool IsHeld) Admit()
    {
        // The clock is read after the reference: a thread that was held up between the two finds the lease of that reference ended.
        var stand = Volatile.Read(ref _stand);
        return stand.Standing.Admits(Now) ? (stand.Revision, null, false) : AdmitAgain();
    }

    /// <summary>From its return on nothing is admitted before a head that has reached the candidate is active.</summary>
    public void Hold(Head candidate) => Move(stand => stand with { Standing = EdgeMoves.Hold(stand.Standing, candidate) });

    /// <summary>Activates; false where an equal or greater one is active.</summary>
    public bool TryActivate(EdgeRevision next)
    {
        var moved = Move(stand => EdgeMoves.Activated(stand.Standing, next.Head) is { } standing ? new Stand(next, standing) : null);
        if (moved)
        {
            _ready.TrySetResult();
        }

        return moved;
    }

    /// <summary>
    /// Begins with a revision that was kept on disk: served as stale, whatever leases are granted, until a silo names the head. It stands outside the order, so that
    /// any committed head takes its place.
    /// </summary>
    /// <param name="revision">The revision.</param>
    /// <param name="staleFor">For how long there has been no right to admit under it.</param>
    public void Resume(EdgeRevision revision, TimeSpan staleFor)
    {
        if (Move(stand => stand.Revision is null ? new Stand(revision, stand.Standing, staleFor - Now.Monotonic) : null))
        {
            _ready.TrySetResult();
        }
    }

    /// <summary>Enters a grant for a renewal that was sent after <paramref name="asked"/>.</summary>
    public void Granted(Instant asked, LeaseGrant grant) =>
        Move(stand => stand with { Standing = EdgeMoves.Granted(stand.Standing, asked, grant.Length, grant.Head, grant.Required) });

    /// <summary>All changes up to this number are applied.</summary>
    public void Applied(long change) => Move(stand => change > stand.Standing.Changes ? stand with { Standing = EdgeMoves.Applied(stand.Standing, change) } : null);

    /// <summary>The edge leaves its fleet: its right to admit is given back.</summary>
    public void Leave() => Move(stand => stand with { Standing = EdgeMoves.Left(stand.Standing) });

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A thread that was held up may hold a reference whose lease has ended although the edge's has not.
    private (EdgeRevision? Revision, TimeSpan? StaleFor, bool IsHeld) AdmitAgain()
    {
        var stand = Volatile.Read(ref _stand);
        var now = Now;
        return stand.Standing.Holds(now)
            ? (stand.Revision, null, stand.Standing.Held is not null)
            : (stand.Revision, now.Monotonic - (stand.Standing.Lease?.Ends.Monotonic ?? TimeSpan.Zero) + stand.StaleBefore, false);
    }

    private bool Move(Func<Stand, Stand?> move)
    {
        // Invariant: each stand follows on the one that it was made from, whoever races here.
        var seen = Volatile.Read(ref _stand);
        while (move(seen) is { } next)
        {
            var was = Interlocked.CompareExchange(ref _stand, next, seen);
            if (ReferenceEquals(was, seen))
            {
                if (next.Revision is { } taken && !ReferenceEquals(taken.Requests, seen.Revision?.Requests))
                {
                    InUse.Swapped(seen.Revision?.Requests, taken.Requests);
                }

                if (next.Standing.Head != seen.Standing.Head || next.Standing.Changes != seen.Standing.Changes)
                {
                    Interlocked.Exchange(ref _advanced, NewSource()).TrySetResult();
                }

                return true;
            }

            seen = was;
        }

        return false;
    }

    private sealed record Stand(EdgeRevision? Revision, EdgeStanding Standing, TimeSpan StaleBefore = default);
}
