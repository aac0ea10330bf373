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
    private readonly CancellationTokenSource _end = new();

    // Guards what follows, but for reads of the token and of whether it is used.
    private readonly Lock _gate = new();
    private volatile Held? _held;
    private volatile bool _isUsed;
    private Task<string>? _underWay;
    private AccessRefusedException? _failure;
    private long _pausesUntil;
    private int _failures;

    public AccessToken(ServiceAccountKey key, TokenExchange exchange, TimeProvider time, ILogger log)
    {
        (_key, _exchange, _time, _log) = (key, exchange, time, log);
        _renewal = time.CreateTimer(_ => Renew(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether nobody misses it: no token that holds, and none asked for.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _underWay is null && !Holds(_held) && _time.GetTimestamp() >= _pausesUntil;
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

    public void Dispose()
    {
        _renewal.Dispose();
        _end.Cancel();
        _end.Dispose();
    }

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

            if (_failure is { } failure && _time.GetTimestamp() < _pausesUntil)
            {
                return Task.FromException<string>(failure);
            }

            // On a thread of its own: signing takes a millisecond, and the lock is held here.
            return _underWay = Task.Run(ExchangeAsync);
        }
    }

    private async Task<string> ExchangeAsync()
    {
        var begun = _time.GetTimestamp();
        try
        {
            var (token, life) = await _exchange.AskAsync(_key, _end.Token);
            lock (_gate)
            {
                _held = new Held(token, begun, begun + Ticks(life * UsedUntil));
                (_underWay, _failure, _failures, _pausesUntil) = (null, null, 0, 0);
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
                (_underWay, _failure, _pausesUntil) = (null, refused, _time.GetTimestamp() + Ticks(pause));

                // What holds yet is worth another try, even where nobody asks in so short a time.
                _isUsed |= Holds(_held);
            }

            _log.LogWarning("No access token for {Account}: {Reason}", _key.Account, refused.Message);
            _renewal.Change(pause, Timeout.InfiniteTimeSpan);
            throw;
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _underWay = null;
            }

            throw new AccessRefusedException("this gateway is about to end");
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    // One that nobody used since the last time is left to end.
    private void Renew()
    {
        if (!_isUsed)
        {
            return;
        }

        _isUsed = false;
        _ = BeginAsync(renews: true).ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private sealed record Held(string Token, long Since, long EndsAt)
    {
        public override string ToString() => "***";
    }
}
