using Microsoft.Extensions.Logging;

namespace Sluice.Edge.Access;

/// <summary>
/// One account's access token. It promises: at most one exchange at a time, however many requests wait; a token that is in use is renewed when a fifth of its life is left, while requests
/// go on with it; after a failed exchange none is begun for a time, in which whoever needs one is told that failure. See docs/dialects.md, "Vertex".
/// </summary>
internal sealed class AccessToken : IDisposable
{
    private const double RenewedAfter = 0.8;
    private const double UsedUntil = 0.95;
    private const int MostDoublings = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(1);

    private readonly ServiceAccountKey _key;
    private readonly TokenExchange _exchange;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _renewal;
    private readonly CancellationToken _end;

    // Guards what follows, but for reads of the token and of whether it is used.
    private readonly Lock _gate = new();
    private volatile Held? _held;
    private volatile bool _isUsed;
    private Task<string>? _underWay;
    private AccessRefusedException? _failure;
    private long _pausesUntil;
    private int _failures;
    private bool _hasBegun;

    /// <summary>Begins without one; the first who asks has it exchanged.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="exchange">Where it comes from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Hears of each failure.</param>
    /// <param name="end">The edge's end.</param>
    public AccessToken(ServiceAccountKey key, TokenExchange exchange, TimeProvider time, ILogger log, CancellationToken end)
    {
        (_key, _exchange, _time, _log, _end) = (key, exchange, time, log, end);
        _renewal = time.CreateTimer(_ => _ = RenewAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether nobody misses it: it was had once, holds no more, and is not asked for.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _hasBegun && _underWay is null && !Holds(_held) && _time.GetTimestamp() >= _pausesUntil;
            }
        }
    }

    /// <summary>The token; at once, but for the first requests and those after nobody had asked for a whole life of it.</summary>
    /// <exception cref="AccessRefusedException">There is none, and why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled: others that wait go on.</exception>
    public ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        if (!_isUsed)
        {
            _isUsed = true;
        }

        return _held is { } held && Holds(held) ? new ValueTask<string>(held.Token) : new ValueTask<string>(BeginAsync().WaitAsync(cancellation));
    }

    /// <summary>The provider refused it: the next request asks for another, unless this one is younger than a minute, when another would be of no use either.</summary>
    public void Refuse(string token)
    {
        lock (_gate)
        {
            if (_held is { } held && string.Equals(held.Token, token, StringComparison.Ordinal) && _time.GetElapsedTime(held.Since) >= LeastAge)
            {
                _held = null;
            }
        }
    }

    /// <summary>It is renewed no more. Who took it before that is served all the same.</summary>
    public void Dispose() => _renewal.Dispose();

    public override string ToString() => "***";

    private bool Holds(Held? held) => held is not null && _time.GetTimestamp() < held.EndsAt;

    private Task<string> BeginAsync(bool renews = false)
    {
        lock (_gate)
        {
            if (_underWay is { } underWay)
            {
                return underWay;
            }

            if (!renews && _held is { } held && Holds(held))
            {
                return Task.FromResult(held.Token);
            }

            // A renewal comes when the pause is over, by a clock that is less exact than this one.
            if (!renews && _failure is { } failure && _time.GetTimestamp() < _pausesUntil)
            {
                return Task.FromException<string>(failure);
            }

            // On a thread of its own: signing takes a millisecond, and the lock is held here.
            _hasBegun = true;
            return _underWay = Task.Run(ExchangeAsync);
        }
    }

    private async Task<string> ExchangeAsync()
    {
        var begun = _time.GetTimestamp();
        try
        {
            var (token, life) = await _exchange.AskAsync(_key, _end);
            lock (_gate)
            {
                _held = new Held(token, begun, begun + Ticks(life * UsedUntil));
                (_failure, _failures, _pausesUntil) = (null, 0, 0);
            }

            _renewal.Change(life * RenewedAfter, Timeout.InfiniteTimeSpan);
            return token;
        }
        catch (AccessRefusedException refused)
        {
            TimeSpan pause;
            lock (_gate)
            {
                pause = FirstPause * Math.Pow(2, Math.Min(_failures++, MostDoublings));
                (_failure, _pausesUntil) = (refused, _time.GetTimestamp() + Ticks(pause));

                // What holds yet is worth another try, even where nobody asks in so short a time.
                _isUsed |= Holds(_held);
            }

            _log.LogWarning("No access token for {Account}: {Reason}", _key.Account, refused.Message);
            _renewal.Change(pause, Timeout.InfiniteTimeSpan);
            throw;
        }
        catch (OperationCanceledException)
        {
            throw new AccessRefusedException("this gateway is about to end");
        }
        finally
        {
            lock (_gate)
            {
                _underWay = null;
            }
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    // One that nobody used since the last time is left to end.
    private async Task RenewAsync()
    {
        if (!_isUsed)
        {
            return;
        }

        _isUsed = false;
        try
        {
            await BeginAsync(renews: true);
        }
        catch (AccessRefusedException)
        {
            // The log has it, and the next try is set.
        }
        catch (Exception defect)
        {
            _log.LogError(defect, "The access token of {Account} was not renewed", _key.Account);
        }
    }

    private sealed record Held(string Token, long Since, long EndsAt)
    {
        public override string ToString() => "***";
    }
}
