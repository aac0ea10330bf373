using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Upstreams;

/// <summary>How many requests may be sent again.</summary>
public sealed class RetryBudgetTests
{
    private readonly RetryBudget _budget = new();

    [Fact]
    public void A_few_may_be_sent_again_however_little_is_asked() =>
        Assert.Equal(RetryBudget.Least, Take(TimeSpan.Zero, tries: 50, percent: 0));

    [Fact]
    public void Of_many_requests_no_more_than_the_share_is_sent_again()
    {
        Count(TimeSpan.FromSeconds(3), 1000);

        Assert.Equal(200, Take(TimeSpan.FromSeconds(4), tries: 1000, percent: 20));
    }

    [Fact]
    public void Requests_count_for_ten_seconds_and_so_does_what_was_sent_again()
    {
        Count(TimeSpan.FromSeconds(1), 500);
        Assert.Equal(100, Take(TimeSpan.FromSeconds(5), tries: 500, percent: 20));
        Count(TimeSpan.FromSeconds(9), 1000);

        // 1,500 requests within the window, of whose 300 hundred are taken.
        Assert.Equal(200, Take(TimeSpan.FromSeconds(10), tries: 500, percent: 20));

        // The first 500 have left the window; what was sent again for them at 5 s has not.
        Assert.Equal(0, Take(TimeSpan.FromSeconds(11), tries: 500, percent: 20));

        // At 15 s it has.
        Assert.Equal(100, Take(TimeSpan.FromSeconds(15), tries: 500, percent: 30));
        Assert.Equal(RetryBudget.Least, Take(TimeSpan.FromMinutes(5), tries: 500, percent: 20));
    }

    private void Count(TimeSpan now, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            _budget.Count(now);
        }
    }

    private int Take(TimeSpan now, int tries, int percent) => Enumerable.Range(0, tries).Count(_ => _budget.TryTake(now, percent));
}
