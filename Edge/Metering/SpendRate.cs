namespace Sluice.Edge.Metering;

/// <summary>An exponentially weighted mean of an amount a second: half of it is from the last second or so. Counting is safe for concurrent use, <see cref="Tick"/> is one caller's.</summary>
public sealed class SpendRate
{
    private long _counted;
    private double _perSecond;

    /// <summary>The mean after the last <see cref="Tick"/>.</summary>
    public double PerSecond => Volatile.Read(ref _perSecond);

    /// <summary>Counts an amount.</summary>
    public void Count(long amount) => Interlocked.Add(ref _counted, amount);

    /// <summary>Takes what was counted into the mean. True where anything was.</summary>
    public bool Tick(TimeSpan elapsed)
    {
        var counted = Interlocked.Exchange(ref _counted, 0);
        var seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        var weight = 1 - Math.Pow(0.5, seconds);
        var mean = _perSecond + (((counted / seconds) - _perSecond) * weight);

        // A mean that has all but died away is none: else it would shrink for ever and never be idle.
        Volatile.Write(ref _perSecond, mean < 0.01 ? 0 : mean);
        return counted != 0;
    }
}
