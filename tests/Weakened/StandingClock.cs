namespace Sluice.Tests.Weakened;

/// <summary>Clocks that stand still, beside timers that run: no lease ends by them.</summary>
internal sealed class StandingClock : TimeProvider
{
    private readonly DateTimeOffset _wall = System.GetUtcNow();
    private readonly long _monotonic = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _wall;

    public override long GetTimestamp() => _monotonic;
}
