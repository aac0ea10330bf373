using Microsoft.Extensions.Logging;

namespace Sluice.Edge.Metering;

/// <summary>What every meter of this edge shares: the clock, the bound of calls, the names of leases, one log line for many failures.</summary>
internal sealed class MeterContext(string edge, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(10);
    private readonly long _origin = time.GetTimestamp();
    private long _closed;
    private long _logAfter = long.MinValue;

    /// <summary>A timestamp of the monotonic clock.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>Since this context was made.</summary>
    public TimeSpan SinceOrigin(long now) => time.GetElapsedTime(_origin, now);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The edge's id of this start.</summary>
    public string Edge => edge;

    /// <summary>A span in steps of the monotonic clock.</summary>
    public long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>The name for a new lease: the edge's id, until a lease was closed before its window's end; then with a number, for a closed lease is never opened again.</summary>
    public string HolderName() => Interlocked.Read(ref _closed) is var closed and > 0 ? $"{edge}.{closed}" : edge;

    /// <summary>A lease was closed before its window's end was certain.</summary>
    public void LeaseClosed() => Interlocked.Increment(ref _closed);

    /// <summary>Waits for a call, at most two seconds.</summary>
    public Task<T> BoundAsync<T>(Task<T> call, CancellationToken cancellation) => call.WaitAsync(CallBound, time, cancellation);

    /// <summary>Waits for a call, at most two seconds.</summary>
    public Task BoundAsync(Task call, CancellationToken cancellation) => call.WaitAsync(CallBound, time, cancellation);

    /// <summary>A call failed: logged once in ten seconds, for all meters fail together.</summary>
    public void Unreachable(string what, Exception failure)
    {
        var now = Now;
        var after = Interlocked.Read(ref _logAfter);
        if (now >= after && Interlocked.CompareExchange(ref _logAfter, now + Ticks(LogPause), after) == after)
        {
            log.LogWarning("No silo answered for {What} (and perhaps others): {Reason}", what, failure.Message);
        }
    }
}
