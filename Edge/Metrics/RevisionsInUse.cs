using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Metrics;

/// <summary>
/// The active revision and those before it that requests still run under, on this edge. It holds what was counted of them, never the revisions themselves, so that an old
/// one is let go with its last request. See docs/monitoring.md.
/// </summary>
public sealed class RevisionsInUse(TimeProvider time)
{
    // What no silo takes is summed without its revision, so that it never grows without bound.
    private const int MostCollected = 64;

    private readonly Lock _gate = new();
    private readonly List<RevisionRequests> _used = [];
    private readonly Dictionary<long, RequestFigures> _collected = [];
    private long _begunBefore;

    /// <summary>Requests that were not admitted under any revision.</summary>
    public RevisionRequests Unadmitted { get; } = new(0);

    /// <summary>Requests that began since the start.</summary>
    public long Begun
    {
        get
        {
            lock (_gate)
            {
                return _begunBefore + Unadmitted.Begun + _used.Sum(u => u.Begun);
            }
        }
    }

    /// <summary>Requests being served.</summary>
    public long InFlight
    {
        get
        {
            lock (_gate)
            {
                return Unadmitted.InFlight + _used.Sum(u => u.InFlight);
            }
        }
    }

    /// <summary>Since when requests begin under this revision; null: they never did.</summary>
    public TimeSpan? ActiveFor(RevisionRequests requests)
    {
        lock (_gate)
        {
            return requests.ActivatedAt is { } at ? time.GetElapsedTime(at) : null;
        }
    }

    /// <summary>The active revision, then each one that was replaced and still has requests in flight.</summary>
    public ImmutableArray<RevisionInUse> Look()
    {
        lock (_gate)
        {
            Sweep();
            return
            [
                .. from used in _used
                   let inFlight = used.InFlight
                   where used.ReplacedAt is null || inFlight > 0
                   orderby used.ReplacedAt is null descending, used.Revision descending
                   select new RevisionInUse(used.Revision, inFlight, used.ReplacedAt is { } at ? time.GetElapsedTime(at) : null),
            ];
        }
    }

    /// <summary>Takes what was counted since the last time, by revision; figures of revision 0 belong to none that is known.</summary>
    public ImmutableArray<RevisionFigures> Take()
    {
        lock (_gate)
        {
            Sweep();
            foreach (var used in _used)
            {
                Collect(used);
            }

            Collect(Unadmitted);
            ImmutableArray<RevisionFigures> taken = [.. _collected.OrderBy(c => c.Key).Select(c => new RevisionFigures(c.Key, c.Value))];
            _collected.Clear();
            return taken;
        }
    }

    /// <summary>One revision took the place of another. Whatever the order in which swaps are told, each revision ends as they say.</summary>
    internal void Swapped(RevisionRequests? old, RevisionRequests next)
    {
        lock (_gate)
        {
            if (old is not null)
            {
                old.ReplacedAt ??= time.GetTimestamp();
            }

            if (!_used.Contains(next))
            {
                next.ActivatedAt = time.GetTimestamp();
                _used.Add(next);
            }

            Sweep();
        }
    }

    /// <summary>A request began under a revision that was let go.</summary>
    internal void TakeBack(RevisionRequests requests)
    {
        lock (_gate)
        {
            if (!_used.Contains(requests))
            {
                requests.Keep();
                _begunBefore -= requests.BegunAtRelease;
                _used.Add(requests);
            }
        }
    }

    private void Sweep() => _used.RemoveAll(used =>
    {
        if (used.ReplacedAt is null || !used.TryRelease(this))
        {
            return false;
        }

        Collect(used);
        used.BegunAtRelease = used.Begun;
        _begunBefore += used.BegunAtRelease;
        return true;
    });

    private void Collect(RevisionRequests requests)
    {
        if (requests.Take() is { Requests: > 0 } figures)
        {
            var key = _collected.Count < MostCollected || _collected.ContainsKey(requests.Revision) ? requests.Revision : 0;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_collected, key, out _);
            sum = sum is null ? figures : sum.Plus(figures);
        }
    }
}
