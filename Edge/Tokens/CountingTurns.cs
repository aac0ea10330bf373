namespace Sluice.Edge.Tokens;

/// <summary>Lets few count at one time, so that requests which are counted never take the processors of those that are not; where many wait, one is told at once that it is not counted.</summary>
internal sealed class CountingTurns : IDisposable
{
    /// <summary>The longest body that is counted, in bytes: at most a few tens of milliseconds.</summary>
    public const int LongestBody = 1024 * 1024;

    private const int MostWaiting = 64;
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <summary>Counts on a thread of the pool; null: not counted, for too many wait.</summary>
    public async ValueTask<long?> CountAsync(Func<long> count, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _turns.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await Task.Run(count, cancellation);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
