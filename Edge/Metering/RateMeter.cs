using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// One limit of one subject on this edge: decides by the share that the edge has, and keeps that share leased while there is demand. Shares of all
/// edges never sum to more than the limit. See docs/accounting.md, "Rates".
/// </summary>
internal sealed class RateMeter(MeterContext context, string subject, LimitResource declared, long revision, IEdgeRateLimitGrain grain)
{
    private static readonly TimeSpan IdleBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgainPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ColdBound = TimeSpan.FromSeconds(2);
    private const int MostWaiting = 100;
    private readonly Lock _gate = new();
    private readonly RateDemandGauge _demand = new();

    // Under _gate, as are writes to _share.
    private Task<bool>? _asking;
    private long _askedAt = long.MinValue;

    private RateShare? _share;
    private LimitResource _limit = declared;
    private long _revision = revision;
    private int _inFlight;
    private int _waiting;
    private long _usedAt = context.Now;
    private bool _isRetired;

    /// <summary>Whom it binds.</summary>
    public string Subject => subject;

    /// <summary>Let go because nobody used it: whoever still refers to it looks it up anew.</summary>
    public bool IsRetired => Volatile.Read(ref _isRetired);

    /// <summary>A newer revision may declare other amounts.</summary>
    public void Follow(LimitResource limit, long revision)
    {
        if (revision <= Volatile.Read(ref _revision))
        {
            return;
        }

        lock (_gate)
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
                Publish(share.Lease, share.EndsAt, share.Since);
            }
        }
    }

    /// <summary>A request wants in: counted as demand, once, whatever becomes of it.</summary>
    public void Ask(long tokens) => _demand.Ask(tokens, Volatile.Read(ref _inFlight) + 1);

    /// <summary>Takes one request and its tokens from the share, and one place of those at one time; or nothing. With <paramref name="evenLapsed"/> a share whose lease ended counts, and where there is none nothing binds.</summary>
    public RateOutcome TryEnter(long tokens, long now, bool evenLapsed)
    {
        while (true)
        {
            var share = Volatile.Read(ref _share);
            if (share is null)
            {
                return evenLapsed && !IsRetired ? Enter() : RateOutcome.NoShare;
            }

            if (!share.Lease.Declared && share.Revision >= Volatile.Read(ref _revision))
            {
                return Enter();
            }

            if (now >= share.EndsAt && !evenLapsed)
            {
                return RateOutcome.NoShare;
            }

            var outcome = TryTake(share, tokens, context.SinceOrigin(now));
            if (outcome.Take != Take.Sealed)
            {
                return outcome;
            }
        }
    }

    /// <summary>A request that entered has ended; <paramref name="unused"/> tokens go back, negative where it used more than it asked for.</summary>
    public void Leave(long unused)
    {
        Interlocked.Decrement(ref _inFlight);
        GiveBackTokens(unused);
    }

    /// <summary>What a request took is undone, because another level refused it.</summary>
    public void Undo(long tokens)
    {
        Leave(tokens);
        while (Volatile.Read(ref _share)?.Requests is { } bucket && !bucket.TryGiveBack(1))
        {
            // Sealed: its successor is about to be seen.
        }
    }

    /// <summary>Waits for a share, or for a cold share to fill; tells whether it is worth another try.</summary>
    public async Task<Room> MakeRoomAsync(RateOutcome outcome, long tokens, CancellationToken cancellation)
    {
        if (outcome.Take == Take.Sealed)
        {
            return await AskAsync().WaitAsync(cancellation) ? Room.Made : Room.Unreachable;
        }

        var share = Volatile.Read(ref _share);
        var now = context.Now;
        var isPart = share is not null && share.Lease.Share < RateLease.Whole;
        if (isPart && now - Interlocked.Read(ref _askedAt) > context.Ticks(AskAgainPause))
        {
            // Demand jumped: perhaps more can be had at once.
            _ = AskAsync();
        }

        // A share begins with nothing while others hold it, and a part of one begins empty (its burst may just have been used elsewhere): who comes first
        // waits for it rather than being refused.
        var isCold = isPart && now - share!.Since < context.Ticks(ColdBound) && tokens <= (share.Limit.Tokens?.Burst ?? long.MaxValue);
        if (isCold && outcome.Wait < ColdBound && Volatile.Read(ref _waiting) < MostWaiting)
        {
            await WaitAsync(outcome.Wait > TimeSpan.Zero ? outcome.Wait : AskAgainPause, cancellation);
            return Room.Made;
        }

        return Room.Limited(outcome.Take switch
        {
            Take.TooMany when tokens > (Volatile.Read(ref _limit).Tokens?.Burst ?? long.MaxValue) => null,
            Take.TooMany => ColdBound,
            _ when outcome.Kind == RateKind.Concurrent => TimeSpan.FromSeconds(1),
            _ => outcome.Wait,
        });
    }

    /// <summary>Renews the lease at a third of its length while there is demand, and gives the share back when there is none for long. Called often by one owner.</summary>
    public async Task UpkeepAsync(CancellationToken cancellation)
    {
        var now = context.Now;
        if (_demand.HasNews || Volatile.Read(ref _inFlight) > 0)
        {
            Volatile.Write(ref _usedAt, now);
        }

        if (Volatile.Read(ref _share) is not { } share)
        {
            return;
        }

        if (now - Volatile.Read(ref _usedAt) > context.Ticks(IdleBound))
        {
            await ReturnAsync(cancellation);
        }
        else if (Volatile.Read(ref _revision) > share.Revision
            || (share.Lease.Declared && now >= share.EndsAt - (context.Ticks(share.Lease.Length) * 2 / 3)))
        {
            await AskAsync().WaitAsync(cancellation);
        }
    }

    /// <summary>Gives the share back; nothing more is admitted from it.</summary>
    public async Task ReturnAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_share is null || _asking is not null)
            {
                return;
            }

            Drop();
        }

        await context.BoundAsync(grain.ReturnAsync(context.Edge), cancellation);
    }

    /// <summary>Lets go of a meter that holds nothing and was not used for long. False: it is still needed.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            _isRetired |= _share is null && _asking is null && Volatile.Read(ref _inFlight) == 0
                && context.Now - Volatile.Read(ref _usedAt) > context.Ticks(IdleBound) * 2;
            return _isRetired;
        }
    }

    /// <summary>The figures for headers.</summary>
    public RateHeaders Headers()
    {
        var share = Volatile.Read(ref _share);
        var now = context.SinceOrigin(context.Now);
        return new RateHeaders(
            share?.Requests is null ? null : _limit.Requests?.Amount,
            share?.Requests?.Credit(now),
            share?.Requests?.UntilFull(now),
            share?.Tokens is null ? null : _limit.Tokens?.Amount,
            share?.Tokens?.Credit(now),
            share?.Tokens?.UntilFull(now));
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await Task.Delay(time, context.Time, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private RateOutcome TryTake(RateShare share, long tokens, TimeSpan now)
    {
        var most = share.HasConcurrent ? share.Lease.Concurrent : int.MaxValue;
        var seen = Volatile.Read(ref _inFlight);
        while (true)
        {
            // Invariant: _inFlight ≤ the share's places whenever a request enters.
            if (seen >= most)
            {
                return new RateOutcome(Take.TooSoon, TimeSpan.Zero, RateKind.Concurrent);
            }

            var was = Interlocked.CompareExchange(ref _inFlight, seen + 1, seen);
            if (was == seen)
            {
                break;
            }

            seen = was;
        }

        var wait = TimeSpan.Zero;
        var take = share.Requests?.TryTake(1, now, out wait) ?? Take.Taken;
        var kind = RateKind.Requests;
        if (take == Take.Taken)
        {
            take = tokens == 0 ? Take.Taken : share.Tokens?.TryTake(tokens, now, out wait) ?? Take.Taken;
            kind = RateKind.Tokens;
            if (take != Take.Taken)
            {
                share.Requests?.TryGiveBack(1);
            }
        }

        if (take != Take.Taken)
        {
            Interlocked.Decrement(ref _inFlight);
        }

        return new RateOutcome(take, wait, kind);
    }

    private RateOutcome Enter()
    {
        Interlocked.Increment(ref _inFlight);
        return new RateOutcome(Take.Taken, TimeSpan.Zero, RateKind.Requests);
    }

    private void GiveBackTokens(long unused)
    {
        while (unused != 0 && Volatile.Read(ref _share)?.Tokens is { } bucket && !bucket.TryGiveBack(unused))
        {
            // Sealed: its successor is about to be seen.
        }
    }

    private Task<bool> AskAsync()
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return Task.FromResult(true);
            }

            return _asking ??= LeaseAsync();
        }
    }

    private async Task<bool> LeaseAsync()
    {
        // Off the caller's lock at once.
        await Task.Yield();
        var asked = context.Now;
        Interlocked.Exchange(ref _askedAt, asked);
        var told = Volatile.Read(ref _revision);
        bool hasShrunk;
        try
        {
            var demand = Demand(asked, told);
            var lease = await context.BoundAsync(grain.LeaseAsync(demand), CancellationToken.None);
            lock (_gate)
            {
                _asking = null;
                hasShrunk = _share is { } before && (lease.Share < before.Lease.Share || lease.Concurrent < before.Lease.Concurrent);
                Publish(lease, asked + context.Ticks(lease.Length), _share is { Lease.Share: > 0 } held ? held.Since : asked, told);
            }

            if (hasShrunk)
            {
                // Said at once, so that whoever is to have the rest need not wait until this lease has ended.
                _ = AskAsync();
            }

            return true;
        }
        catch (Exception failure)
        {
            context.Unreachable(_limit.Name, failure);
            lock (_gate)
            {
                _asking = null;
            }

            return false;
        }
    }

    private RateDemand Demand(long now, long told)
    {
        // From here until the answer nothing more than this is used: a lapsed share only where the limit is open, which may go beyond its amounts.
        var share = Volatile.Read(ref _share);
        var places = share is { HasConcurrent: true } ? share.Lease.Concurrent : 0;
        return _demand.Take(context.SinceOrigin(now), context.Edge, told, share?.Lease.Share ?? 0, Math.Max(places, Volatile.Read(ref _inFlight)));
    }

    /// <summary>Makes a lease the share that decides. Buckets keep the credit that they had; only the whole of a limit, which nobody else then holds, begins full.</summary>
    private void Publish(RateLease lease, long endsAt, long since, long? revision = null)
    {
        var old = _share;
        if (old is not null && old.Limit == _limit && old.Lease.Share == lease.Share && old.Lease.Declared == lease.Declared)
        {
            Volatile.Write(ref _share, old with { Lease = lease, EndsAt = endsAt, Revision = revision ?? old.Revision });
            return;
        }

        var now = context.SinceOrigin(context.Now);
        var first = old is null && lease.Share == RateLease.Whole ? long.MaxValue : 0;
        var next = new RateShare(
            _limit,
            lease,
            lease.Declared ? Bucket(_limit.Requests, lease.Share, old?.Requests, first, now) : null,
            lease.Declared ? Bucket(_limit.Tokens, lease.Share, old?.Tokens, first, now) : null,
            endsAt,
            since,
            revision ?? old?.Revision ?? _revision);
        Volatile.Write(ref _share, next);
    }

    private void Drop()
    {
        var share = _share;
        Volatile.Write(ref _share, null);
        var now = context.SinceOrigin(context.Now);
        share?.Requests?.Seal(now);
        share?.Tokens?.Seal(now);
    }

    private static Gcra? Bucket(Rate? rate, int share, Gcra? old, long first, TimeSpan now)
    {
        // Sealed before its successor is seen: what was taken from the old one is missing in the new one, whoever takes meanwhile.
        var credit = old?.Seal(now) ?? first;
        return rate is null ? null : Gcra.Create(rate, share, credit, now);
    }
}
