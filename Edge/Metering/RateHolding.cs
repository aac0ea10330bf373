using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// What this edge holds of one limit: its share, with the credit that came with it. Credit is never made here: a bucket begins with what its predecessor had and
/// what the grain handed over; what does not fit into a smaller share is given back, and what a share had when its lease ended is gone.
/// See docs/accounting.md, "Limits".
/// </summary>
internal sealed class RateHolding(MeterContext context, LimitResource declared, long revision)
{
    // Under Gate, as are writes to _share.
    private RateCredit _spare;

    private RateShare? _share;
    private LimitResource _limit = declared;
    private long _revision = revision;

    public Lock Gate { get; } = new();

    /// <summary>The share that decides; null: none.</summary>
    public RateShare? Share => Volatile.Read(ref _share);

    /// <summary>As the latest revision declares it.</summary>
    public LimitResource Limit => Volatile.Read(ref _limit);

    /// <summary>The latest revision that was met.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>A newer revision may declare other amounts.</summary>
    public void Follow(LimitResource limit, long revision)
    {
        if (revision <= Revision)
        {
            return;
        }

        lock (Gate)
        {
            if (revision <= _revision)
            {
                return;
            }

            var isSame = _limit == limit;
            _limit = limit;
            Volatile.Write(ref _revision, revision);
            if (!isSame && _share is { } share)
            {
                Replace(share, share with { Limit = limit }, default);
            }
        }
    }

    /// <summary>Makes a lease the share that decides. True where it is less than before.</summary>
    /// <param name="lease">As the grain gave it.</param>
    /// <param name="asked">A timestamp from before it was asked for: from there its length is counted.</param>
    /// <param name="told">The revision that the grain was told.</param>
    public bool Take(RateLease lease, long asked, long told)
    {
        lock (Gate)
        {
            var old = _share;
            var endsAt = asked + context.Ticks(lease.Length);
            var since = old is { Lease.Share: > 0 } ? old.Since : asked;
            var kept = lease with { RequestCredit = 0, TokenCredit = 0 };
            Replace(old, new RateShare(_limit, kept, null, null, endsAt, since, told), new RateCredit(lease.RequestCredit, lease.TokenCredit));
            return old is not null && (lease.Share < old.Lease.Share || lease.Concurrent < old.Lease.Concurrent);
        }
    }

    /// <summary>Credit that did not fit into the share, to be given back with the next demand: once, whether that arrives or not.</summary>
    public RateCredit TakeSpare()
    {
        lock (Gate)
        {
            var spare = _spare;
            _spare = default;
            return spare;
        }
    }

    /// <summary>Ends the share: nothing more is taken from it. The credit to give back with it. Under <see cref="Gate"/>.</summary>
    public RateCredit Drop()
    {
        var share = _share;
        Volatile.Write(ref _share, null);
        var left = share is null ? default : Seal(share);
        var all = _spare.Plus(left);
        _spare = default;
        return all;
    }

    private void Replace(RateShare? old, RateShare next, RateCredit handed)
    {
        var now = context.Now;
        var isKept = old is not null && old.Limit == next.Limit && old.Lease.Share == next.Lease.Share && old.Lease.Declared == next.Lease.Declared && old.Lease.IsCold == next.Lease.IsCold
            && now < old.EndsAt && handed == default;
        if (isKept)
        {
            Volatile.Write(ref _share, next with { Requests = old!.Requests, Tokens = old.Tokens });
            return;
        }

        // Sealed before its successor is seen: what was taken from the old one is missing in the new one, whoever takes meanwhile.
        var credit = handed.Plus(old is null ? default : Seal(old));
        var at = context.SinceOrigin(now);
        var requests = Bucket(next, next.Limit.Requests, credit.Requests, at);
        var tokens = Bucket(next, next.Limit.Tokens, credit.Tokens, at);
        _spare = _spare.Plus(new RateCredit(Excess(next, credit.Requests, requests), Excess(next, credit.Tokens, tokens)));
        Volatile.Write(ref _share, next with { Requests = requests, Tokens = tokens });
    }

    // What a share gathered after its lease had ended was not its own, and what it had before may have been given to others since.
    private RateCredit Seal(RateShare share)
    {
        var now = context.Now;
        var at = context.SinceOrigin(now);
        var credit = new RateCredit(share.Requests?.Seal(at) ?? 0, share.Tokens?.Seal(at) ?? 0);
        return now < share.EndsAt ? credit : default;
    }

    private static Gcra? Bucket(RateShare share, Rate? rate, long credit, TimeSpan now) =>
        rate is null || !share.Lease.Declared || share.Lease.IsCold ? null : Gcra.Create(rate, share.Lease.Share, credit, now);

    // What was saved up of a limit that is not divided any more goes back whole.
    private static long Excess(RateShare share, long credit, Gcra? bucket) => bucket is not null ? Math.Max(0, credit - (bucket.Burst * Gcra.Item)) : share.Lease.IsCold ? credit : 0;
}

/// <summary>Credit of a limit's two rates, in millionths of an item.</summary>
internal readonly record struct RateCredit(long Requests, long Tokens)
{
    // Far above any burst, far below what a sum of a few could overflow.
    private const long Most = long.MaxValue / 8;

    public RateCredit Plus(RateCredit other) => new(Math.Min(Most, Requests + Math.Min(Most, other.Requests)), Math.Min(Most, Tokens + Math.Min(Most, other.Tokens)));
}
