namespace Sluice.Revisions.Outbound;

/// <summary>
/// Asks somebody of elsewhere for something that is kept: once for all who wait, and three times and then once in ten seconds, so that whoever sends what cannot be
/// known here (a token with a key that nobody has) does not make of Sluice a flood for others.
/// </summary>
/// <param name="ask">Asks, and keeps what it is told; false where it could not be had. It bounds itself, and throws nothing.</param>
/// <param name="time">The clock.</param>
public sealed class SharedAsk(Func<CancellationToken, Task<bool>> ask, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private const int MostAtOnce = 3;
    private readonly Lock _gate = new();
    private Task<bool>? _asking;
    private TimeSpan _spent;

    /// <summary>Asks, or waits with those who did. False: not now, since it was asked a moment ago, or it could not be had.</summary>
    public Task<bool> AskAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_asking is not { IsCompleted: false })
            {
                var now = time.GetElapsedTime(0);
                var spent = (_spent > now ? _spent : now) + RetryAfter;
                if (spent - now > RetryAfter * MostAtOnce)
                {
                    return Task.FromResult(false);
                }

                _spent = spent;
                _asking = StartAsync(cancellation);
            }

            return _asking;
        }
    }

    // Nothing of what is asked runs under the lock.
    private async Task<bool> StartAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        return await ask(cancellation);
    }
}
