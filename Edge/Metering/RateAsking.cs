using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// Asks the grain for each request of a limit that is too small to be divided, one question at a time. What was taken and not used is kept here for the next request, and
/// given back soon. A refusal is remembered for a moment: a flood does not reach the grain. See docs/accounting.md, "Small limits".
/// </summary>
internal sealed class RateAsking(MeterContext context, IEdgeRateLimitGrain grain, RateHolding holding)
{
    private static readonly TimeSpan AskAgainPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RefusalKept = TimeSpan.FromMilliseconds(250);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();

    // Under the gate: whole requests and tokens that were taken and not used; tokens are negative where more was used than was taken.
    private long _requests;
    private long _tokens;
    private long _number;
    private Refused? _refused;
    private RateTaken? _last;

    /// <summary>The figures for headers, as the grain told them last.</summary>
    public RateHeaders Headers(LimitResource declared)
    {
        var (requests, tokens) = Volatile.Read(ref _last) is { } last ? (last.RequestsLeft, last.TokensLeft) : default;
        return new RateHeaders(
            declared.Requests?.Amount,
            declared.Requests is null ? null : requests,
            UntilFull(declared.Requests, requests),
            declared.Tokens?.Amount,
            declared.Tokens is null ? null : tokens,
            UntilFull(declared.Tokens, tokens));
    }

    /// <summary>Takes one request and its tokens, from what is here or from the grain; with 0 <paramref name="requests"/> the tokens of a part of one.</summary>
    public async Task<Room> TakeAsync(long tokens, CancellationToken cancellation, int requests = 1)
    {
        if (holding.Limit.Tokens is { } rate && tokens > rate.Burst)
        {
            return Room.Limited(null) with { Lacks = RateKind.Tokens };
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            if (TryTakeOwn(requests, tokens))
            {
                return Room.Granted;
            }

            if (_refused is { } known && context.Now < known.Until && tokens >= known.Tokens)
            {
                return Room.Limited(known.Wait is { } wait ? Later(wait - context.Time.GetElapsedTime(known.At, context.Now)) : null) with { Lacks = known.Lacks };
            }

            if (await AskAsync(requests, tokens, cancellation) is not { } taken)
            {
                return Room.Unreachable;
            }

            if (taken.IsTaken)
            {
                return Room.Granted;
            }

            if (taken is { IsHeld: true, Wait: not null })
            {
                await Task.Delay(AskAgainPause, context.Time, cancellation);
                return Room.Made;
            }

            return Remember(taken, tokens);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Keeps what was taken and not used; negative tokens were used beyond what was taken.</summary>
    public void GiveBack(long requests, long tokens)
    {
        var limit = holding.Limit;
        lock (_gate)
        {
            _requests += limit.Requests is null ? 0 : requests;
            _tokens += limit.Tokens is null ? 0 : tokens;
        }
    }

    /// <summary>Gives back to the grain what nobody here has taken since.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (Interlocked.Read(ref _requests) == 0 && Interlocked.Read(ref _tokens) == 0)
        {
            return;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            await AskAsync(0, 0, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static TimeSpan? UntilFull(Rate? rate, long left) => rate is null ? null : rate.Per * ((double)Math.Max(0, rate.Burst - left) / rate.Amount);

    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private bool TryTakeOwn(int requests, long tokens)
    {
        var limit = holding.Limit;
        lock (_gate)
        {
            if ((limit.Requests is not null && _requests < requests) || (limit.Tokens is not null && _tokens < tokens) || (_requests == 0 && _tokens == 0))
            {
                return false;
            }

            _requests -= limit.Requests is null ? 0 : requests;
            _tokens -= limit.Tokens is null ? 0 : tokens;
            return true;
        }
    }

    // Null: no silo answered in time.
    private async Task<RateTaken?> AskAsync(int requests, long tokens, CancellationToken cancellation)
    {
        RateTake take;
        lock (_gate)
        {
            take = new RateTake(context.Edge, ++_number, requests, tokens, holding.Revision, _requests * Gcra.Item, _tokens * Gcra.Item);
            (_requests, _tokens) = (0, 0);
        }

        var call = grain.TakeAsync(take);
        try
        {
            var taken = await context.BoundAsync(call, cancellation);
            Volatile.Write(ref _last, taken);
            return taken;
        }
        catch (Exception failure)
        {
            _ = KeepAsync(call, take);
            cancellation.ThrowIfCancellationRequested();
            context.Unreachable(holding.Limit.Name, failure);
            return null;
        }
    }

    private Room Remember(RateTaken taken, long tokens)
    {
        var (now, lacks) = (context.Now, taken.IsForTokens ? RateKind.Tokens : RateKind.Requests);
        var kept = taken.Wait is { } wait && wait < RefusalKept ? wait : RefusalKept;
        _refused = new Refused(taken.IsForTokens ? tokens : 0, taken.Wait, now, now + context.Ticks(kept), lacks);
        return Room.Limited(taken.Wait) with { Lacks = lacks };
    }

    // Nobody waits for the answer any more: what it gives goes to the next.
    private async Task KeepAsync(Task<RateTaken> call, RateTake take)
    {
        try
        {
            if ((await call).IsTaken)
            {
                GiveBack(take.Requests, take.Tokens);
            }
        }
        catch (Exception)
        {
            // Whether it was taken is not known: it is gone.
        }
    }

    private sealed record Refused(long Tokens, TimeSpan? Wait, long At, long Until, RateKind Lacks);
}
