using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Grains.Limits;

/// <summary>
/// The rules by which one rate is divided between edges, in plain code. Invariant: what edges may believe to hold never sums to more than the whole. A
/// share that shrinks counts at its old size until the lease under which it was given has ended, since the answer that made it smaller may be lost.
/// </summary>
/// <param name="length">How long a share holds, as edges are told.</param>
internal sealed class ShareTable(TimeSpan length)
{
    // Clocks of machines drift apart by less than this: a lease is counted longer here than by its holder.
    private const double Drift = 1.001;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>What is held, for storage and for people.</summary>
    public IEnumerable<HeldShare> Held(TimeSpan now) => _entries.Select(e => new HeldShare(e.Key, e.Value.Share.At(now), (int)e.Value.Concurrent.At(now), e.Value.Ends - now));

    /// <summary>Takes stored shares as given just now: the clock by which they were given is not this one.</summary>
    public void Restore(IEnumerable<HeldShare> held, TimeSpan now)
    {
        foreach (var share in held)
        {
            var ends = now + (length * Drift);
            _entries[share.Edge] = new Entry(new Part(share.Share, 0, default), new Part(share.Concurrent, 0, default), Weight: 0, ends);
        }
    }

    /// <summary>Gives an edge its share by what all want.</summary>
    /// <param name="demand">What the edge saw asked for.</param>
    /// <param name="concurrent">The limit's bound; 0 where it has none.</param>
    /// <param name="now">On a monotonic clock.</param>
    public RateLease Lease(RateDemand demand, int concurrent, TimeSpan now)
    {
        Forget(now);
        var weight = Math.Max(Math.Max(demand.Requests, demand.Tokens / 1000), demand.Concurrent);
        var others = _entries.Where(e => !string.Equals(e.Key, demand.Edge, StringComparison.Ordinal)).Select(e => e.Value).ToList();
        var fraction = Fraction(weight, others);
        var before = _entries.GetValueOrDefault(demand.Edge, new Entry(default, default, 0, now));
        var share = before.Share.Next(Give(RateLease.Whole, fraction, others.Sum(o => o.Share.At(now))), before.Ends, now);
        var slots = before.Concurrent.Next(Give(concurrent, fraction, others.Sum(o => o.Concurrent.At(now))), before.Ends, now);
        _entries[demand.Edge] = new Entry(share, slots, weight, now + (length * Drift));
        return new RateLease((int)share.Size, (int)slots.Size, length, Declared: true);
    }

    /// <summary>Takes a share back.</summary>
    public bool Return(string edge) => _entries.Remove(edge);

    // One edge alone has all. Else a fifth is divided equally, so that a quiet edge can begin, and the rest by demand.
    private static double Fraction(double weight, List<Entry> others)
    {
        var sum = weight + others.Sum(o => o.Weight);
        var equal = 1.0 / (others.Count + 1);
        return sum <= 0 ? equal : (0.2 * equal) + (0.8 * weight / sum);
    }

    // What others hold is theirs; of the rest, what is due, and at least one slot where one is free.
    private static long Give(long whole, double fraction, long others)
    {
        var free = Math.Max(0, whole - others);
        var due = Math.Max((long)(whole * fraction), Math.Min(1, whole));
        return Math.Min(free, due);
    }

    private void Forget(TimeSpan now)
    {
        foreach (var (edge, entry) in _entries)
        {
            if (entry.Ends <= now)
            {
                _entries.Remove(edge);
            }
        }
    }

    private readonly record struct Entry(Part Share, Part Concurrent, double Weight, TimeSpan Ends);

    // A size, and the greater one that the holder may still believe in.
    private readonly record struct Part(long Size, long Former, TimeSpan FormerEnds)
    {
        public long At(TimeSpan now) => now < FormerEnds ? Math.Max(Size, Former) : Size;

        public Part Next(long size, TimeSpan leaseEnds, TimeSpan now)
        {
            var believed = At(now);
            return size >= believed ? new Part(size, 0, default) : new Part(size, believed, leaseEnds > FormerEnds ? leaseEnds : FormerEnds);
        }
    }
}

/// <summary>What an edge may believe to hold.</summary>
internal sealed record HeldShare(string Edge, long Share, int Concurrent, TimeSpan Left);
