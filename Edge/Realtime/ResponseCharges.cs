using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Realtime;

/// <summary>
/// What the responses of one connection are charged. It promises: one response is reserved ahead, or the client's frames wait; each that the provider tells the usage of is settled by that before the client
/// sees its end; one that was begun and never told counts as reserved. See docs/realtime.md, "What is charged".
/// </summary>
/// <param name="arrival">The request.</param>
/// <param name="caller">Who asks.</param>
/// <param name="meter">By which all is admitted.</param>
/// <param name="worst">The most that one response may use.</param>
/// <param name="heard">By what is charged for what is transcribed: it may use anything.</param>
/// <param name="first">What was reserved for the first one.</param>
/// <param name="time">The clock.</param>
internal sealed class ResponseCharges(Arrival arrival, Caller caller, Meter meter, Ask worst, Ask heard, Reservation first, TimeProvider time)
{
    // A limit of tokens refills: so long the client's frames wait for it.
    private static readonly TimeSpan RateBound = TimeSpan.FromSeconds(60);
    private const int Served = StatusCodes.Status101SwitchingProtocols;
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);
    private readonly SemaphoreSlim _lacking = new(0);
    private readonly Lock _gate = new();

    // Under the gate: what is reserved ahead, what is reserved for responses under way, and how many of those nothing was reserved for yet.
    private readonly Stack<Reservation> _running = [];
    private Reservation? _ready = first;
    private int _owed;
    private int _number = worst.Attempt.Number;
    private bool _isOver;
    private TaskCompletionSource _covered = Completed();

    /// <summary>Ends when the client's frames may pass.</summary>
    public Task Covered
    {
        get
        {
            lock (_gate)
            {
                return _covered.Task;
            }
        }
    }

    /// <summary>A response has begun.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            if (_ready is { } ready)
            {
                _ready = null;
                _running.Push(ready);
            }
            else
            {
                // A second one at the same time, out of the conversation.
                _owed++;
            }

            Look();
        }
    }

    /// <summary>A response is done.</summary>
    /// <param name="usage">As it was told; null: it was not.</param>
    /// <param name="hasFailed">The provider says that it made none.</param>
    public void Done(TokenCounts? usage, bool hasFailed)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            var settlement = usage is { } told ? Of(UsageSource.Reported, told, Served) : Of(hasFailed ? UsageSource.None : UsageSource.Reserved, default, Served);
            if (_running.TryPop(out var reservation))
            {
                Settle(reservation, settlement);
            }
            else if (_owed > 0)
            {
                _owed--;
                Owe(settlement);
            }
            else if (_ready is { } ready)
            {
                // One whose beginning was not told.
                _ready = null;
                Settle(ready, settlement);
            }
            else
            {
                Owe(settlement);
            }

            Look();
        }
    }

    /// <summary>What the client said was transcribed, by another model of the provider's: it has a record of its own.</summary>
    /// <param name="usage">Its tokens, as they were told; null: its length was.</param>
    /// <param name="seconds">How long what was said is; null: its tokens were told.</param>
    /// <param name="textBytes">The most that the text has.</param>
    public void Transcribed(TokenCounts? usage, decimal? seconds, long textBytes)
    {
        lock (_gate)
        {
            if (!_isOver && (usage ?? TokensOf(seconds, textBytes)) is { } tokens)
            {
                var next = Next();
                var ask = heard with { InputTokens = tokens.Input, OutputTokens = tokens.Output, Attempt = next.Attempt with { Target = heard.Attempt.Target }, IsPart = next.IsPart, IsOwed = true };
                var units = usage is null && seconds is { } length ? UnitBounds.Heard(length) : null;
                Owe(ask, Of(usage is null ? UsageSource.Estimated : UsageSource.Reported, tokens, Served) with { Target = heard.Attempt.Target, Units = units });
            }
        }
    }

    /// <summary>Reserves ahead for as long as the connection lasts. Returns why no more of it is let in.</summary>
    public async Task<Ending> RunAsync(CancellationToken cancellation)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            await _lacking.WaitAsync(cancellation);
            while (IsLacking())
            {
                var (reservation, refusal) = await meter.AdmitAsync(arrival.Revision, caller, Next(), cancellation);
                if (reservation is not null)
                {
                    waited = TimeSpan.Zero;
                    Take(reservation);
                }
                else if (refusal is { Reason: RefusalReason.RateLimited, RetryAfter: { } pause } && waited < RateBound)
                {
                    pause = pause < LeastPause ? LeastPause : pause > RateBound ? RateBound : pause;
                    waited += pause;
                    await Task.Delay(pause, time, cancellation);
                }
                else
                {
                    return Ending.Of(refusal!);
                }
            }
        }
    }

    /// <summary>The connection has ended: what is under way has told nothing, and counts as reserved.</summary>
    /// <param name="status">For the records.</param>
    public void End(int status)
    {
        lock (_gate)
        {
            _isOver = true;
            while (_running.TryPop(out var reservation))
            {
                Settle(reservation, Of(UsageSource.Reserved, default, status));
            }

            for (; _owed > 0; _owed--)
            {
                Owe(Of(UsageSource.Reserved, default, status));
            }

            if (_ready is { } ready)
            {
                _ready = null;
                Settle(ready, Of(UsageSource.None, default, status));
            }

            _covered.TrySetResult();
        }
    }

    // What sound has of tokens where only its length is told, as in other transcriptions; a token of text has at least one byte.
    private static TokenCounts? TokensOf(decimal? seconds, long textBytes) =>
        seconds is { } length && TokenBounds.OfHeard(length) is var sound ? new TokenCounts { Input = sound, InputAudio = sound, Output = Math.Min(sound, textBytes) } : null;

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private static void Settle(Reservation reservation, in Settlement settlement)
    {
        reservation.Settle(settlement);
        reservation.Dispose();
    }

    private Settlement Of(UsageSource source, in TokenCounts tokens, int status) => new(source, tokens, worst.Attempt.Target, status);

    // Under the gate: whether something is to be reserved, and whether the client's frames wait for it.
    private void Look()
    {
        var isOpen = _ready is not null || _running.Count > 0;
        if (!isOpen && _covered.Task.IsCompleted)
        {
            _covered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else if (isOpen)
        {
            _covered.TrySetResult();
        }

        if (!isOpen || _owed > 0)
        {
            _lacking.Release();
        }
    }

    private bool IsLacking()
    {
        lock (_gate)
        {
            return !_isOver && (_owed > 0 || (_ready is null && _running.Count == 0));
        }
    }

    private void Take(Reservation reservation)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                Settle(reservation, Of(UsageSource.None, default, StatusCodes.Status499ClientClosedRequest));
            }
            else if (_owed > 0)
            {
                _owed--;
                _running.Push(reservation);
            }
            else if (_ready is null)
            {
                _ready = reservation;
            }
            else
            {
                Settle(reservation, Of(UsageSource.None, default, Served));
            }

            Look();
        }
    }

    // Usage is a fact, whether or not a budget covers it: nothing refuses it, so that this waits for nobody.
    private void Owe(in Settlement settlement) => Owe(Next() with { IsOwed = true }, settlement);

    private void Owe(in Ask ask, in Settlement settlement)
    {
        var admitted = meter.AdmitAsync(arrival.Revision, caller, ask, CancellationToken.None);
        if (!admitted.IsCompletedSuccessfully)
        {
            _ = SettleLaterAsync(admitted, settlement);
        }
        else if (admitted.Result.Reservation is { } reservation)
        {
            Settle(reservation, settlement);
        }
    }

    private static async Task SettleLaterAsync(ValueTask<Admission> admitted, Settlement settlement)
    {
        if ((await admitted).Reservation is { } reservation)
        {
            Settle(reservation, settlement);
        }
    }

    private Ask Next() => worst with { Attempt = worst.Attempt with { Number = Interlocked.Increment(ref _number), ArrivedAt = time.GetTimestamp() } };
}
