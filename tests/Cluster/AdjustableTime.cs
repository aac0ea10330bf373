namespace Sluice.Tests.Cluster;

/// <summary>The system's time, moved forward on demand. Timers run in real time, so that Orleans itself goes on.</summary>
public sealed class AdjustableTime : TimeProvider
{
    private long _offset;

    /// <summary>Moves both clocks forward; never back.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _offset);
}
