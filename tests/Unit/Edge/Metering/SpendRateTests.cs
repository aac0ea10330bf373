using Sluice.Edge.Metering;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class SpendRateTests
{
    [Fact]
    public void A_steady_spend_becomes_the_mean_and_silence_lets_it_die_away()
    {
        var rate = new SpendRate();
        for (var second = 0; second < 20; second++)
        {
            rate.Count(100);
            Assert.True(rate.Tick(TimeSpan.FromSeconds(1)));
        }

        Assert.Equal(100, rate.PerSecond, 0.01);
        for (var second = 0; second < 20; second++)
        {
            Assert.False(rate.Tick(TimeSpan.FromSeconds(1)));
        }

        Assert.Equal(0, rate.PerSecond);
    }

    [Fact]
    public void Half_of_the_mean_is_from_the_last_second()
    {
        var rate = new SpendRate();
        rate.Count(100);

        rate.Tick(TimeSpan.FromSeconds(1));

        Assert.Equal(50, rate.PerSecond, 0.001);
    }
}
