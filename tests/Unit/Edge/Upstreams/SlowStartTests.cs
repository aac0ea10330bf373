using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class SlowStartTests
{
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(1, 0.1)]
    [InlineData(5, 0.5)]
    [InlineData(10, 1)]
    [InlineData(600, 1)]
    public void The_part_grows_from_a_tenth_to_all(int seconds, double expected) =>
        Assert.Equal(expected, SlowStart.PartAt(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(10)), 3);
}
