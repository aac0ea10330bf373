using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// One limit of one subject on this edge: decides by the share that the edge has, and keeps that share leased while there is demand. Shares of all
/// edges never sum to more than the limit. See docs/accounting.md, "Limits".
/// </summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan IdleBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgainPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ColdBound = TimeSpan.FromSeconds(2);
    private const int MostWaiting = 100;
    private readonly MeterContext _context;
    private readonly RateDemandGauge _demand = new();
    private readonly RateHolding _holding;
    private readonly RateLeasing _leasing;
    private readonly RateAsking _asking;
    private readonly Func<int> _places;
    private int _inFlight;
    private int _waiting;
    private long _usedAt;

    public RateMeter(MeterContext context, string subject, LimitResource declared, long revision, IEdgeRateLimitGrain grain)
    {
        (_context, Subject) = (context, subject);
        _holding = new RateHolding(context, declared, revision);
        _leasing = new RateLeasing(context, grain, _holding, _demand);
        _asking = new RateAsking(context, grain, _holding);
        Tokens = new RateTokens(context, _holding, _asking);
        _places = () => Volatile.Read(ref _inFlight);
        _usedAt = _context.Now;
    }

    /// <summary>Whom it binds.</summary>
    public string Subject { get; }

    /// <summary>Its tokens by themselves, for parts of requests that have entered.</summary>
    public RateTokens Tokens { get; }

    /// <summary>Let go because nobody used it: whoever still refers to it looks it up anew.</summary>
    public bool IsRetired => _leasing.IsRetired;

    /// <summary>A newer revision may declare other amounts.</summary>
    public void Follow(LimitResource limit, long revision) => _holding.Follow(limit, revision);

    /// <summary>A request wants in: counted as demand, once, whatever becomes of it.</summary>
    public void Ask(long tokens) => _demand.Ask(tokens, Volatile.Read(ref _inFlight) + 1);

    /// <summary>Takes one request and its tokens from the share, and one place of those at one time; or nothing. With <paramref name="evenLapsed"/> a share whose lease ended counts, and where there is none nothing binds. With <paramref name="isGranted"/> the grain has let it pass, and only the places bind.</summary>
    public RateOutcome TryEnter(long tokens, long now, bool evenLapsed, bool isGranted)
    {
        while (true)
        {
            var share = _holding.Share;
            if (share is null)
            {
                return evenLapsed && !IsRetired ? Enter() : RateOutcome.NoShare;
            }

            if (!share.Lease.Declared && share.Revision >= _holding.Revision)
            {
                return Enter();
            }

            if (now >= share.EndsAt && !evenLapsed)
            {
                return RateOutcome.NoShare;
            }

            if (share.Lease.IsCold && !isGranted)
            {
                return evenLapsed ? Enter() : RateOutcome.Cold;
            }

            var outcome = isGranted ? TryPlace(share) : TryTake(share, tokens, _context.SinceOrigin(now));
            if (outcome.Take != Take.Sealed)
            {
                return outcome;
            }
        }
    }

    /// <summary>What the grain has let pass is not used: it goes to the next, or back.</summary>
    public void Refund(long tokens) => _asking.GiveBack(1, tokens);

    /// <summary>The place of a request that another level refused is free again; what the grain has let pass stays.</summary>
    public void LeavePlace() => Interlocked.Decrement(ref _inFlight);

    /// <summary>A request that entered has ended; <paramref name="unused"/> tokens go back, negative where it used more than it asked for.</summary>
    public void Leave(long unused)
    {
        Interlocked.Decrement(ref _inFlight);
        Tokens.GiveBack(unused);
    }

    /// <summary>What a request took is undone: another level refused it, or another attempt takes it again.</summary>
    public void Undo(long tokens)
    {
        if (_holding.Share is { Lease.IsCold: true })
        {
            LeavePlace();
            Refund(tokens);
            return;
        }

        Leave(tokens);
        while (_holding.Share?.Requests is { } bucket && !bucket.TryGiveBack(1))
        {
            // Sealed: its successor is about to be seen.
        }
    }

    /// <summary>Waits for a share, or for a cold share to fill; tells whether it is worth another try.</summary>
    public async Task<Room> MakeRoomAsync(RateOutcome outcome, long tokens, CancellationToken cancellation)
    {
        if (outcome.Take == Take.Cold)
        {
            return await _asking.TakeAsync(tokens, cancellation);
        }

        if (outcome.Take == Take.Sealed)
        {
            return await _leasing.AskAsync(_places).WaitAsync(cancellation) ? Room.Made : Room.Unreachable;
        }

        var share = _holding.Share;
        var now = _context.Now;
        var isPart = share is not null && share.Lease.Share < RateLease.Whole;
        if (isPart && now - _leasing.AskedAt > _context.Ticks(AskAgainPause))
        {
            // Demand jumped: perhaps more can be had at once.
            _ = _leasing.AskAsync(_places);
        }

        // A share begins with nothing while others hold it, and a part of one begins empty (its burst may just have been used elsewhere): who comes first
        // waits for it rather than being refused. It may begin as the sliver that was free while others give theirs up: what the whole limit would let
        // through soon counts.
        var isCold = isPart && now - share!.Since < _context.Ticks(ColdBound) && tokens <= (share.Limit.Tokens?.Burst ?? long.MaxValue);
        if (isCold && outcome.Wait * ((double)share!.Lease.Share / RateLease.Whole) < ColdBound && Volatile.Read(ref _waiting) < MostWaiting)
        {
            await WaitAsync(outcome.Wait > TimeSpan.Zero && outcome.Wait < ColdBound ? outcome.Wait : AskAgainPause, cancellation);
            return Room.Made;
        }

        return Room.Limited(outcome.Take switch
        {
            Take.TooMany when tokens > (_holding.Limit.Tokens?.Burst ?? long.MaxValue) => null,
            Take.TooMany => ColdBound,
            _ when outcome.Kind == RateKind.Concurrent => TimeSpan.FromSeconds(1),
            _ => outcome.Wait,
        });
    }

    /// <summary>Renews the lease at a third of its length while there is demand, and gives the share back when there is none for long. Called often by one owner.</summary>
    public async Task UpkeepAsync(CancellationToken cancellation)
    {
        var now = _context.Now;
        if (_demand.HasNews || Volatile.Read(ref _inFlight) > 0)
        {
            Volatile.Write(ref _usedAt, now);
        }

        await _asking.FlushAsync(cancellation);
        if (_holding.Share is not { } share)
        {
            return;
        }

        if (now - Volatile.Read(ref _usedAt) > _context.Ticks(IdleBound))
        {
            await ReturnAsync(cancellation);
        }
        else if (_holding.Revision > share.Revision
            || (share.Lease.Declared && now >= share.EndsAt - (_context.Ticks(share.Lease.Length) * 2 / 3)))
        {
            await _leasing.AskAsync(_places).WaitAsync(cancellation);
        }
    }

    /// <summary>Gives the share back; nothing more is admitted from it.</summary>
    public async Task ReturnAsync(CancellationToken cancellation)
    {
        await _asking.FlushAsync(cancellation);
        await _leasing.ReturnAsync(cancellation);
    }

    /// <summary>Lets go of a meter that holds nothing and was not used for long. False: it is still needed.</summary>
    public bool TryRetire()
    {
        lock (_holding.Gate)
        {
            _leasing.IsRetired |= _holding.Share is null && !_leasing.IsAsking && Volatile.Read(ref _inFlight) == 0
                && _context.Now - Volatile.Read(ref _usedAt) > _context.Ticks(IdleBound) * 2;
            return _leasing.IsRetired;
        }
    }

    /// <summary>The figures for headers: the limit as the request's revision declares it, whatever has been declared since, and what is left of it by now.</summary>
    public RateHeaders Headers(LimitResource declared)
    {
        var share = _holding.Share;
        if (share is { Lease.IsCold: true })
        {
            return _asking.Headers(declared);
        }

        var now = _context.SinceOrigin(_context.Now);
        var (requests, tokens) = (declared.Requests is null ? null : share?.Requests, declared.Tokens is null ? null : share?.Tokens);
        return new RateHeaders(
            requests is null ? null : declared.Requests!.Amount,
            requests?.Credit(now),
            requests?.UntilFull(now),
            tokens is null ? null : declared.Tokens!.Amount,
            tokens?.Credit(now),
            tokens?.UntilFull(now));
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await Task.Delay(time, _context.Time, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private RateOutcome TryPlace(RateShare share)
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
                return new RateOutcome(Take.Taken, TimeSpan.Zero, RateKind.Concurrent);
            }

            seen = was;
        }
    }

    private RateOutcome TryTake(RateShare share, long tokens, TimeSpan now)
    {
        var place = TryPlace(share);
        if (place.Take != Take.Taken)
        {
            return place;
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
}
