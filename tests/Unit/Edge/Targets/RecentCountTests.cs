using Sluice.Edge.Targets;

namespace Sluice.Tests.Unit.Edge.Targets;

public sealed class RecentCountTests
{
    [Fact]
    public void It_counts_the_minute_that_runs_and_the_four_before()
    {
        var count = new RecentCount();
        Assert.Equal(0, count.Sum(default));
        for (var second = 0; second < 10 * 60; second++)
        {
            count.Add(TimeSpan.FromSeconds(second));
        }

        Assert.Equal(5 * 60, count.Sum(TimeSpan.FromSeconds(599)));
        Assert.Equal(4 * 60, count.Sum(TimeSpan.FromSeconds(600)));
        Assert.Equal(60, count.Sum(TimeSpan.FromMinutes(13)));
        Assert.Equal(0, count.Sum(TimeSpan.FromMinutes(14)));
        count.Add(TimeSpan.FromDays(300));
        Assert.Equal(1, count.Sum(TimeSpan.FromDays(300)));
    }

    [Fact]
    public void What_did_not_happen_after_all_is_taken_back()
    {
        var count = new RecentCount();
        count.Add(TimeSpan.FromMinutes(1));
        count.Add(TimeSpan.FromMinutes(1));
        count.TakeBack(TimeSpan.FromMinutes(1));
        Assert.Equal(1, count.Sum(TimeSpan.FromMinutes(1)));

        // Its minute was let go of: nothing of another minute is taken for it.
        count.Add(TimeSpan.FromMinutes(7));
        count.TakeBack(TimeSpan.FromMinutes(2));
        Assert.Equal(1, count.Sum(TimeSpan.FromMinutes(7)));
    }

    [Fact]
    public void Of_many_threads_none_is_lost()
    {
        var count = new RecentCount();
        Parallel.For(0, 10_000, _ => count.Add(TimeSpan.FromSeconds(1)));
        Assert.Equal(10_000, count.Sum(TimeSpan.FromSeconds(1)));
    }
}
