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

    /// <summary>The revision; before the first activation null: the edge is not ready.</summary>
    public EdgeRevision? Current => Volatile.Read(ref _stand).Revision;

    /// <summary>Ends with the first activation, never in error.</summary>
    public Task Ready => _ready.Task;

    /// <summary>How far the edge has come: the head that it runs, and the last change that it applied.</summary>
    public (Head Head, long Changes) Reached => Volatile.Read(ref _stand).Standing is var standing ? (standing.Head ?? HeadOrder.Nothing, standing.Changes) : default;

    /// <summary>Ends when the edge has come further. Taken before <see cref="Reached"/> is read, so that nothing falls between.</summary>
    public Task Advanced => Volatile.Read(ref _advanced).Task;

    /// <summary>Whether the lease holds now: what was learned of credentials is certain only while it does.</summary>
    public bool Holds => Volatile.Read(ref _stand).Standing.Holds(Now);

    /// <summary>The time as leases are counted. A renewal takes it before it is sent.</summary>
    public Instant Now => new(time.GetElapsedTime(_origin), time.GetUtcNow() - _wallOrigin);

    /// <summary>Admission: the revision for a new request, and for how long the edge has had no right to admit under it; null: it has.</summary>
    public (EdgeRevision? Revision, TimeSpan? StaleFor) Admit()
    {
        // The clock is read after the reference: a thread that was held up between the two finds the lease of that reference ended.
        var stand = Volatile.Read(ref _stand);
        return stand.Standing.Holds(Now) ? (stand.Revision, null) : AdmitAgain();
    }

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

    /// <summary>Enters a grant for a renewal that was sent after <paramref name="asked"/>.</summary>
    public void Granted(Instant asked, LeaseGrant grant) =>
        Move(stand => stand with { Standing = EdgeMoves.Granted(stand.Standing, asked, grant.Length, grant.Head, grant.Required) });

    /// <summary>All changes up to this number are applied.</summary>
    public void Applied(long change) => Move(stand => change > stand.Standing.Changes ? stand with { Standing = EdgeMoves.Applied(stand.Standing, change) } : null);

    /// <summary>The edge leaves its fleet: its right to admit is given back.</summary>
    public void Leave() => Move(stand => stand with { Standing = EdgeMoves.Left(stand.Standing) });

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A thread that was held up may hold a reference whose lease has ended although the edge's has not.
    private (EdgeRevision? Revision, TimeSpan? StaleFor) AdmitAgain()
    {
        var stand = Volatile.Read(ref _stand);
        var now = Now;
        return (stand.Revision, stand.Standing.Holds(now) ? null : now.Monotonic - (stand.Standing.Lease?.Ends.Monotonic ?? TimeSpan.Zero));
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

    private sealed record Stand(EdgeRevision? Revision, EdgeStanding Standing);
}
