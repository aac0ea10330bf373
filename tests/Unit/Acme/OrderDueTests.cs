using Sluice.Grains.Acme;

namespace Sluice.Tests.Unit.Acme;

public sealed class OrderDueTests
{
    private static readonly DateTimeOffset Begins = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(90)]
    [InlineData(6)]
    [InlineData(0.1)]
    public void It_is_renewed_before_a_third_of_its_time_is_left_and_never_much_before(double days)
    {
        var ends = Begins + TimeSpan.FromDays(days);

        var due = Enumerable.Range(0, 200).Select(i => OrderDue.Renewal($"c{i}", Begins, ends, null)).ToList();

        Assert.All(due, at => Assert.InRange((ends - at) / (ends - Begins), 1.0 / 3, 0.38));
        Assert.True(due.Distinct().Count() > 190, "not all at one moment");
        Assert.Equal(due[7], OrderDue.Renewal("c7", Begins, ends, Begins));
    }

    [Fact]
    public void A_clock_that_is_wrong_does_not_ask_for_one_after_the_other()
    {
        var ends = Begins + TimeSpan.FromDays(90);
        var obtained = Begins + TimeSpan.FromDays(80);

        Assert.Equal(obtained + TimeSpan.FromHours(1), OrderDue.Renewal("c", Begins, ends, obtained));
        Assert.Equal(obtained + TimeSpan.FromMinutes(8), OrderDue.Renewal("c", Begins, Begins + TimeSpan.FromMinutes(24), obtained));
    }

    [Fact]
    public void What_fails_is_tried_ever_more_rarely_and_at_most_four_times_in_its_first_hour()
    {
        var waits = Enumerable.Range(1, 9).Select(attempts => (OrderDue.Retry(attempts, Begins, null) - Begins).TotalMinutes).ToArray();

        Assert.Equal([1, 5, 15, 60, 180, 360, 720, 720, 720], waits);
        Assert.True(waits.Take(3).Sum() < 60 && waits.Take(4).Sum() > 60, "authorities bear five");
    }

    [Fact]
    public void What_the_authority_asks_for_is_waited_if_it_is_longer_and_not_for_ever()
    {
        Assert.Equal(Begins + TimeSpan.FromHours(2), OrderDue.Retry(1, Begins, TimeSpan.FromHours(2)));
        Assert.Equal(Begins + TimeSpan.FromMinutes(1), OrderDue.Retry(1, Begins, TimeSpan.FromSeconds(5)));
        Assert.Equal(Begins + TimeSpan.FromDays(1), OrderDue.Retry(1, Begins, TimeSpan.FromDays(400)));
        Assert.Equal(Begins + TimeSpan.FromSeconds(7), OrderDue.Poll(Begins, Begins, TimeSpan.FromSeconds(7)));
        Assert.Equal(Begins + TimeSpan.FromSeconds(60), OrderDue.Poll(Begins, Begins, TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.FromSeconds(0.25), OrderDue.Poll(Begins, Begins, TimeSpan.FromSeconds(-3)) - Begins);
        Assert.Equal(TimeSpan.FromSeconds(5), OrderDue.Poll(Begins, Begins + TimeSpan.FromSeconds(10), null) - (Begins + TimeSpan.FromSeconds(10)));
    }
}
