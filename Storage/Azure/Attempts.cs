using System.Globalization;
using System.Security.Cryptography;
using Azure;

namespace Sluice.Storage.Azure;

/// <summary>
/// The tries of one read or write: as many as fit in its deadline, ever further apart and at random, so that silos that failed together do not come back
/// together. The SDK's own retries are off: only who sees every try knows whether a refused one may follow one that was applied.
/// </summary>
/// <param name="bytes">What has to be carried beside the usual: each MiB has a second more.</param>
internal sealed class Attempts(TimeProvider time, TimeSpan deadline, TimeSpan tryTimeout, int bytes = 0)
{
    private const double BytesASecond = 1024 * 1024;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(800);

    private readonly TimeSpan _deadline = deadline + TimeSpan.FromSeconds(bytes / BytesASecond);
    private readonly TimeSpan _tryTimeout = tryTimeout + TimeSpan.FromSeconds(bytes / BytesASecond);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _pause = FirstPause;

    /// <summary>The last failure; null before the first.</summary>
    public Exception? Last { get; private set; }

    /// <summary>Whether a try failed without telling if it was carried out.</summary>
    public bool Ambiguous => Last is not null;

    /// <summary>What is left of the deadline, never negative.</summary>
    public TimeSpan Left => _deadline - time.GetElapsedTime(_start) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Whether a failure may pass: no answer, too busy, too slow, or broken inside.</summary>
    public static bool MayPass(Exception e) => e switch
    {
        StorageUnavailableException => false,
        RequestFailedException { Status: 0 or 408 or 429 or >= 500 } => true,
        RequestFailedException => false,
        IOException or HttpRequestException or OperationCanceledException or TimeoutException => true,
        AggregateException a => a.InnerExceptions.All(MayPass),
        _ => false,
    };

    /// <summary>Carries out a request until it succeeds, fails for good, or the deadline is over.</summary>
    /// <exception cref="StorageUnavailableException">The deadline is over.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> request, string what, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await TryAsync(request, cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested && MayPass(e))
            {
                await PauseAsync(e, what, cancellation);
            }
        }
    }

    /// <summary>One try, bounded by the time for a try and by what is left.</summary>
    public async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        var bound = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, Math.Min(Left.Ticks, _tryTimeout.Ticks)));
        using var timeout = new CancellationTokenSource(bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        return await request(either.Token);
    }

    /// <summary>Waits after a failure before the next try.</summary>
    /// <exception cref="StorageUnavailableException">No other try fits in the deadline.</exception>
    public async Task PauseAsync(Exception failure, string what, CancellationToken cancellation)
    {
        Last = failure;
        var pause = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, (int)_pause.TotalMilliseconds + 1));
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
        if (pause >= Left)
        {
            throw Over(what);
        }

        await Task.Delay(pause, time, cancellation);
    }

    /// <summary>The error of a deadline that is over.</summary>
    public StorageUnavailableException Over(string what) => new(
        string.Create(CultureInfo.InvariantCulture, $"Azure Storage did not {what} within {_deadline.TotalSeconds:0.###} s{Reason()}. Try again later."), Last);

    private string Reason() => Last switch
    {
        null => "",
        RequestFailedException { Status: > 0 } e => string.Create(CultureInfo.InvariantCulture, $"; its last answer was {e.Status} {e.ErrorCode}"),
        OperationCanceledException => "; it gave no answer in time",
        _ => "; it cannot be reached",
    };
}
