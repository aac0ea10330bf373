using System.Security.Cryptography;

namespace Sluice.Edge.Configuration;

/// <summary>Waits between tries: doubling from the first to the longest, each with a chance part of one half, so that many edges do not come at once.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private TimeSpan _last;

    /// <summary>The next wait is the shortest again.</summary>
    public void Reset() => _last = TimeSpan.Zero;

    /// <summary>Waits, twice as long as the last time.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        _last = _last == TimeSpan.Zero ? first : TimeSpan.FromTicks(Math.Min(_last.Ticks * 2, longest.Ticks));
        await Task.Delay(_last * (0.5 + (RandomNumberGenerator.GetInt32(500) / 1000.0)), time, cancellation);
    }
}
