using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sluice.Edge.Metering;

/// <summary>What every meter of this edge shares: the clock, the bound of calls, the names of leases, one log line for many failures.</summary>
internal sealed class MeterContext(string edge, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(10);
    private const double AllowedDrift = 0.001;
    private readonly long _origin = time.GetTimestamp();
    private long _named;
    private long _calls;
    private long _logAfter = long.MinValue;

    /// <summary>A timestamp of the monotonic clock.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>Since this context was made.</summary>
    public TimeSpan SinceOrigin(long now) => time.GetElapsedTime(_origin, now);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Where it is noted that a lease has ended; null: nowhere.</summary>
    public UsageLedger? Ledger { get; init; }

    /// <summary>The edge's id of this start.</summary>
    public string Edge => edge;

    /// <summary>A span in steps of the monotonic clock.</summary>
    public long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>The part of a span for which another's clock tells the same: two that drift apart by a thousandth.</summary>
    public static TimeSpan Certain(TimeSpan span) => span * (1 - AllowedDrift);

    /// <summary>The name for a new lease: the edge's id and a number, greater than all before: a closed lease is never lent to again.</summary>
    public string NewHolderName() => Interlocked.Increment(ref _named) is var named and > 1 ? string.Create(CultureInfo.InvariantCulture, $"{edge}.{named - 1}") : edge;

    /// <summary>Calls that were waited for, in all.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Waits for a call, at most two seconds.</summary>
    public Task<T> BoundAsync<T>(Task<T> call, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        return call.WaitAsync(CallBound, time, cancellation);
    }

    /// <summary>Waits for a call, at most two seconds.</summary>
    public Task BoundAsync(Task call, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        return call.WaitAsync(CallBound, time, cancellation);
    }

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
