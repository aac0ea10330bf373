using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Limits;

/// <summary>
/// The rules by which one rate is divided between edges, in plain code. Two invariants: what edges may believe to hold never sums to more than the whole; and the
/// credit of all edges, with what is kept here for the part that nobody holds, is never more than the burst and grows at the rate. A share that shrinks counts at
/// its old size until its holder says that it goes by the new one, or the lease under which it was given has ended, since the answer that made it smaller may be lost.
/// </summary>
/// <param name="length">How long a share holds, as edges are told.</param>
internal sealed class ShareTable(TimeSpan length)
{
    // Clocks of machines drift apart by less than this: a lease is counted longer here than by its holder.
    private const double Drift = 1.001;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private SpareCredit _requests;
    private SpareCredit _tokens;

    // Up to here the spare credit was counted; null: the limit was never used, and its burst is whole.
    private TimeSpan? _countedAt;

    private TimeSpan Counted => length * Drift;

    /// <summary>What is held, for storage and for people.</summary>
    public IEnumerable<HeldShare> Held(TimeSpan now) => _entries.Where(e => !e.Value.IsReturned && e.Value.Ends > now)
        .Select(e => new HeldShare(e.Key, e.Value.Share.At(now), (int)e.Value.Concurrent.At(now), e.Value.Ends - now));

    /// <summary>The spare credit as it was last counted.</summary>
    public (long Requests, long Tokens) Spare => (_requests.Amount, _tokens.Amount);

    /// <summary>Whether an activation that begins with what was stored would have more credit than there is.</summary>
    /// <param name="stored">The spare credit that was stored.</param>
    /// <param name="since">How long ago.</param>
    /// <param name="limit">As declared.</param>
    public bool IsBelow((long Requests, long Tokens) stored, TimeSpan since, LimitResource limit) =>
        _requests.Amount < new SpareCredit(stored.Requests).After(limit.Requests, RateLease.Whole, since).Amount
        || _tokens.Amount < new SpareCredit(stored.Tokens).After(limit.Tokens, RateLease.Whole, since).Amount;

    /// <summary>The spare credit to be stored, as if more had been taken: not each request needs a write then.</summary>
    public (long Requests, long Tokens) SpareAhead(LimitResource limit) =>
        (Ahead(_requests.Amount, ColdRate.Block(limit.Requests)), Ahead(_tokens.Amount, ColdRate.Block(limit.Tokens)));

    /// <summary>Takes stored shares as given just now: the clock by which they were given is not this one. The spare credit is that of <paramref name="countedAt"/>.</summary>
    public void Restore(IEnumerable<HeldShare> held, (long Requests, long Tokens) spare, TimeSpan countedAt, TimeSpan now)
    {
        foreach (var share in held)
        {
            _entries[share.Edge] = new Entry(new Part(share.Share, 0, default), new Part(share.Concurrent, 0, default), Weight: 0, now + Counted, Number: 0, TellsFrom: now + Counted, IsReturned: false, TokensEach: 0);
        }

        (_requests, _tokens, _countedAt) = (new SpareCredit(spare.Requests), new SpareCredit(spare.Tokens), countedAt);
    }

    /// <summary>Gives an edge its share by what all want.</summary>
    /// <param name="demand">What the edge saw asked for.</param>
    /// <param name="limit">As declared.</param>
    /// <param name="now">On a monotonic clock.</param>
    public RateLease Lease(RateDemand demand, LimitResource limit, TimeSpan now)
    {
        Count(limit, now);
        var weight = Math.Max(Math.Max(demand.Requests, demand.Tokens / 1000), demand.Concurrent);
        var others = _entries.Where(e => !string.Equals(e.Key, demand.Edge, StringComparison.Ordinal) && !e.Value.IsReturned).Select(e => e.Value).ToList();
        var fraction = Fraction(weight, others);
        var isKnown = _entries.TryGetValue(demand.Edge, out var before);

        // A demand that was overtaken by a later one tells what the edge went by then, not now.
        var tells = demand.Number > before.Number && now >= before.TellsFrom;
        var held = before.Share.Held(tells ? demand.HeldShare : null, before.Ends);
        var taken = others.Sum(o => o.Share.At(now));
        var tokensEach = demand.Requests > 0 ? demand.Tokens / demand.Requests : before.TokensEach;
        var isCold = ColdRate.Is(limit, others.Count + 1, others.Aggregate(tokensEach, (most, other) => Math.Max(most, other.TokensEach)), length);
        var size = isCold ? 0 : Give(RateLease.Whole, fraction, taken);
        if (tells && isKnown)
        {
            // Of an edge that is not known any more nothing is taken back: its credit ended with its share.
            (_requests, _tokens) = (_requests.Plus(demand.RequestCredit), _tokens.Plus(demand.TokenCredit));
        }

        var (requests, tokens) = HandOver(limit, size - held.At(now), RateLease.Whole - taken - held.At(now));
        var places = before.Concurrent.Held(tells ? demand.HeldConcurrent : null, before.Ends)
            .Next(Give(limit.Concurrent ?? 0, fraction, others.Sum(o => o.Concurrent.At(now))), before.Ends, now);
        _entries[demand.Edge] = new Entry(held.Next(size, before.Ends, now), places, weight, now + Counted, Math.Max(demand.Number, before.Number), before.TellsFrom, IsReturned: false, tokensEach)
        {
            TakeNumber = before.TakeNumber,
        };
        return new RateLease((int)size, (int)places.Size, length, Declared: true, requests.Amount, tokens.Amount) { IsCold = isCold };
    }

    /// <summary>Takes one request and its tokens from what nobody holds, or nothing.</summary>
    /// <param name="take">What is asked for, and what comes back of what was taken before.</param>
    /// <param name="limit">As declared.</param>
    /// <param name="now">On a monotonic clock.</param>
    public RateTaken Take(RateTake take, LimitResource limit, TimeSpan now)
    {
        Count(limit, now);
        var unheld = Unheld(now);
        if (_entries.TryGetValue(take.Edge, out var known) && !known.IsReturned && take.Number > known.TakeNumber && now >= known.TellsFrom)
        {
            // Of an edge that is not known, or from a message that was overtaken, nothing is taken back.
            _entries[take.Edge] = known with { TakeNumber = take.Number };
            (_requests, _tokens) = (_requests.Settled(take.RequestCredit).Within(limit.Requests, unheld), _tokens.Settled(take.TokenCredit).Within(limit.Tokens, unheld));
        }

        var (requests, tokens) = (_requests.Until(limit.Requests, take.Requests, unheld), _tokens.Until(limit.Tokens, take.Tokens, unheld));
        var isTaken = requests == TimeSpan.Zero && tokens == TimeSpan.Zero;
        if (isTaken)
        {
            (_requests, _tokens) = (_requests.Without(limit.Requests, take.Requests), _tokens.Without(limit.Tokens, take.Tokens));
        }

        var isForTokens = requests == TimeSpan.Zero;
        return new RateTaken(isTaken, isForTokens ? tokens : tokens is null ? null : requests > tokens ? requests : tokens, isForTokens || tokens is null, unheld < RateLease.Whole, _requests.Items, _tokens.Items);
    }

    /// <summary>Takes a share back with its credit; false where it is not held any more, or the message was overtaken.</summary>
    public bool Return(RateReturn share, LimitResource? limit, TimeSpan now)
    {
        Count(limit, now);
        if (!_entries.TryGetValue(share.Edge, out var held) || held.IsReturned || share.Number <= held.Number || now < held.TellsFrom)
        {
            return false;
        }

        // Remembered for as long as messages from before may still come: they must not give the credit back once more.
        _entries[share.Edge] = new Entry(default, default, 0, now + Counted, share.Number, held.TellsFrom, IsReturned: true, TokensEach: 0);
        var unheld = Unheld(now);
        (_requests, _tokens) = (_requests.Plus(share.RequestCredit).Within(limit?.Requests, unheld), _tokens.Plus(share.TokenCredit).Within(limit?.Tokens, unheld));
        return true;
    }

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

    private (SpareCredit Requests, SpareCredit Tokens) HandOver(LimitResource limit, long grown, long unheld)
    {
        unheld = Math.Max(0, unheld);
        (_requests, _tokens) = (_requests.Within(limit.Requests, unheld), _tokens.Within(limit.Tokens, unheld));
        var handed = (Requests: _requests.For(grown, unheld), Tokens: _tokens.For(grown, unheld));
        (_requests, _tokens) = (_requests.Minus(handed.Requests), _tokens.Minus(handed.Tokens));
        return handed;
    }

    // Lets the spare credit grow from one end of a lease to the next, for what nobody held in between, and forgets what has ended.
    private void Count(LimitResource? limit, TimeSpan now)
    {
        if (_countedAt is not { } from)
        {
            (_requests, _tokens) = (SpareCredit.Full(limit?.Requests, RateLease.Whole), SpareCredit.Full(limit?.Tokens, RateLease.Whole));
            from = now;
        }

        foreach (var until in _entries.Values.SelectMany(e => new[] { e.Ends, e.Share.FormerEnds }).Where(end => end > from && end < now).Order().Append(now).ToList())
        {
            var unheld = Unheld(from);
            (_requests, _tokens) = (_requests.After(limit?.Requests, unheld, until - from), _tokens.After(limit?.Tokens, unheld, until - from));
            from = until;
        }

        _countedAt = now;
        foreach (var (edge, entry) in _entries)
        {
            if (entry.Ends <= now)
            {
                _entries.Remove(edge);
            }
        }
    }

    private static long Ahead(long amount, long block) => Math.Min(amount, Math.Max(0, amount - block));

    private long Unheld(TimeSpan at) => Math.Max(0, RateLease.Whole - _entries.Values.Where(e => e.Ends > at).Sum(e => e.Share.At(at)));

    /// <param name="Number">Of the last message: earlier ones were overtaken.</param>
    /// <param name="TellsFrom">After a restore that number is not known: until then a message may be an overtaken one, and what it tells is not believed.</param>
    /// <param name="IsReturned">Kept for its number alone.</param>
    /// <param name="TokensEach">What its requests ask for, in the mean.</param>
    private readonly record struct Entry(Part Share, Part Concurrent, double Weight, TimeSpan Ends, long Number, TimeSpan TellsFrom, bool IsReturned, double TokensEach)
    {
        /// <summary>Of the last question.</summary>
        public long TakeNumber { get; init; }
    }

    // A size, and the greater one that the holder may still believe in.
    private readonly record struct Part(long Size, long Former, TimeSpan FormerEnds)
    {
        public long At(TimeSpan now) => now < FormerEnds ? Math.Max(Size, Former) : Size;

        /// <summary>The holder tells what it goes by. More than its size: an answer was lost, or requests from before are under way; it counts while the lease does.</summary>
        public Part Held(int? held, TimeSpan leaseEnds) => held is not { } count ? this
            : count <= Size ? new Part(Size, 0, default)
            : new Part(Size, count, leaseEnds);

        public Part Next(long size, TimeSpan leaseEnds, TimeSpan now)
        {
            var believed = At(now);
            return size >= believed ? new Part(size, 0, default) : new Part(size, believed, leaseEnds > FormerEnds ? leaseEnds : FormerEnds);
        }
    }
}

/// <summary>What an edge may believe to hold.</summary>
internal sealed record HeldShare(string Edge, long Share, int Concurrent, TimeSpan Left);
