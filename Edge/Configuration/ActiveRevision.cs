using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.Configuration;

/// <summary>Holds the revision that new requests begin with: one reference, swapped atomically and only for a greater (term, revision).</summary>
public sealed class ActiveRevision
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EdgeRevision? _current;

    /// <summary>The revision; before the first activation null: the edge is not ready.</summary>
    public EdgeRevision? Current => Volatile.Read(ref _current);

    /// <summary>Ends with the first activation, never in error.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Activates; false where an equal or greater one is active.</summary>
    public bool TryActivate(EdgeRevision next)
    {
        // Invariant: (term, revision) of _current never falls, whoever races here.
        var seen = Volatile.Read(ref _current);
        while (seen is null || IsNewer(next.Head, seen.Head))
        {
            var was = Interlocked.CompareExchange(ref _current, next, seen);
            if (ReferenceEquals(was, seen))
            {
                _ready.TrySetResult();
                return true;
            }

            seen = was;
        }

        return false;
    }

    /// <summary>Whether a head comes after another by (term, revision).</summary>
    public static bool IsNewer(Head head, Head than) => (head.Term, head.Revision).CompareTo((than.Term, than.Revision)) > 0;
}
