using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Edge.Metering;

/// <summary>
/// Asks the grain of one limit for this edge's share: one demand at a time, shared by all who wait. While the edge has a share it listens whether another edge
/// waits for a part of it, and then asks at once. See docs/accounting.md, "Limits".
/// </summary>
internal sealed class RateLeasing(MeterContext context, IEdgeRateLimitGrain grain, RateHolding holding, RateDemandGauge demand)
{
    // Longer than the grain holds a call open.
    private static readonly TimeSpan ListenBound = TimeSpan.FromSeconds(15);

    // Under the holding's gate.
    private Task<bool>? _asking;
    private bool _isListening;

    private long _askedAt = long.MinValue;
    private bool _isRetired;

    /// <summary>A timestamp: when the last demand was sent.</summary>
    public long AskedAt => Interlocked.Read(ref _askedAt);

    /// <summary>Whether nothing is asked for any more. Set under the holding's gate.</summary>
    public bool IsRetired
    {
        get => Volatile.Read(ref _isRetired);
        set => Volatile.Write(ref _isRetired, value);
    }

    /// <summary>Whether a demand is on its way. Under the holding's gate.</summary>
    public bool IsAsking => _asking is not null;

    /// <summary>The demand that is on its way, or a new one. False: no silo answered in time.</summary>
    /// <param name="places">The requests under way.</param>
    public Task<bool> AskAsync(Func<int> places)
    {
        lock (holding.Gate)
        {
            return IsRetired ? Task.FromResult(true) : _asking ??= LeaseAsync(places);
        }
    }

    /// <summary>Gives the share back with its credit; nothing more is admitted from it.</summary>
    public async Task ReturnAsync(CancellationToken cancellation)
    {
        RateCredit credit;
        lock (holding.Gate)
        {
            if (holding.Share is null || _asking is not null)
            {
                return;
            }

            credit = holding.Drop();
        }

        await context.BoundAsync(grain.ReturnAsync(new RateReturn(context.Edge, demand.NextNumber(), credit.Requests, credit.Tokens)), cancellation);
    }

    private async Task<bool> LeaseAsync(Func<int> places)
    {
        // Off the caller's lock at once.
        await Task.Yield();
        var asked = context.Now;
        Interlocked.Exchange(ref _askedAt, asked);
        var told = holding.Revision;
        bool hasShrunk;
        try
        {
            var lease = await context.BoundAsync(grain.LeaseAsync(Demand(asked, told, places())), CancellationToken.None);
            lock (holding.Gate)
            {
                _asking = null;
                hasShrunk = holding.Take(lease, asked, told);
                if (lease is { Declared: true, Share: > 0 } && !_isListening)
                {
                    _isListening = true;
                    _ = ListenAsync(places);
                }
            }

            if (hasShrunk)
            {
                // Said at once, so that whoever is to have the rest need not wait until this lease has ended.
                _ = AskAsync(places);
            }

            return true;
        }
        catch (Exception failure)
        {
            context.Unreachable(holding.Limit.Name, failure);
            lock (holding.Gate)
            {
                _asking = null;
            }

            return false;
        }
    }

    private RateDemand Demand(long now, long told, int underWay)
    {
        // From here until the answer nothing more than this is used: a lapsed share only where the limit is open, which may go beyond its amounts.
        var share = holding.Share;
        var places = share is { HasConcurrent: true } ? share.Lease.Concurrent : 0;
        var spare = holding.TakeSpare();
        return demand.Take(context.SinceOrigin(now), context.Edge, told, share?.Lease.Share ?? 0, Math.Max(places, underWay)) with
        {
            RequestCredit = spare.Requests,
            TokenCredit = spare.Tokens,
        };
    }

    // Ends with the share, or with the first failure: the next lease begins it anew.
    private async Task ListenAsync(Func<int> places)
    {
        try
        {
            while (holding.Share is { Lease: { Declared: true, Share: > 0 } } share && context.Now < share.EndsAt)
            {
                if (await grain.IsAwaitedAsync().WaitAsync(ListenBound, context.Time, CancellationToken.None))
                {
                    await AskAsync(places);
                }
            }
        }
        catch (Exception failure)
        {
            if (holding.Share is not null)
            {
                context.Unreachable(holding.Limit.Name, failure);
            }
        }
        finally
        {
            lock (holding.Gate)
            {
                _isListening = false;
            }
        }
    }
}
