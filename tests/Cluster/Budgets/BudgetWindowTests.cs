using System.Globalization;
using Sluice.Grains.Interfaces.Budgets;
using static Sluice.Tests.Cluster.Budgets.DeclaredBudget;

namespace Sluice.Tests.Cluster.Budgets;

/// <summary>Windows that end by the clock, in the calendar of their zone.</summary>
public sealed class BudgetWindowTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData("Europe/Berlin", 23)]
    [InlineData("Europe/Berlin", 25)]
    [InlineData("Australia/Lord_Howe", 23.5)]
    [InlineData("Asia/Kolkata", 24)]
    public async Task A_day_is_as_long_as_its_zone_says_and_at_its_end_the_budget_is_whole_again(string zone, double hours)
    {
        var declared = await PublishAsync(_cluster, zone: zone);
        var budget = declared.On(_cluster);
        var (start, end) = NextDay(zone, TimeSpan.FromHours(hours));
        _cluster.Time.Advance(start.AddHours(1) - _cluster.Time.GetUtcNow());

        var first = await budget.BorrowAsync(Borrow("a", 1, need: 100));
        var status = await budget.GetStatusAsync();
        Assert.Equal((start, (DateTimeOffset?)end), (status!.WindowStart, status.WindowEnd));
        Assert.Equal(start.UtcTicks, first.Window);
        _cluster.Time.Advance(end.AddMinutes(-1) - _cluster.Time.GetUtcNow());
        Assert.Equal(0, (await budget.BorrowAsync(Borrow("b", 1, need: 1))).Amount);

        _cluster.Time.Advance(TimeSpan.FromMinutes(1));

        var next = await budget.BorrowAsync(Borrow("b", 2, need: 100));
        Assert.Equal((end.UtcTicks, 100), (next.Window, next.Amount));
    }

    [Fact]
    public async Task What_was_spent_in_a_window_that_is_over_is_posted_there_and_nowhere_else()
    {
        var budget = (await PublishAsync(_cluster)).On(_cluster);
        var old = await budget.BorrowAsync(Borrow("a", 1, need: 60));
        _cluster.Time.Advance(TimeSpan.FromDays(1));
        var now = await budget.BorrowAsync(Borrow("a", 2, need: 90));

        await budget.ReportAsync(new LeaseReport("a", old.Window, 55, Close: true));

        var status = await budget.GetStatusAsync();
        Assert.Equal((0, new EscrowLease("a", now.Window, 90, 0)), (status!.Posted, Assert.Single(status.Leases)));
        Assert.Equal(10, (await budget.BorrowAsync(Borrow("b", 1, need: 10))).Amount);
    }

    [Theory]
    [InlineData("week")]
    [InlineData("month")]
    public async Task A_longer_window_goes_on_over_midnight_and_begins_anew_at_its_end(string every)
    {
        var budget = (await PublishAsync(_cluster, every)).On(_cluster);
        _cluster.Time.Advance((await budget.GetStatusAsync())!.WindowEnd!.Value - _cluster.Time.GetUtcNow());
        var loan = await budget.BorrowAsync(Borrow("a", 1, need: 100));
        _cluster.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, (await budget.BorrowAsync(Borrow("b", 1, need: 1))).Amount);

        _cluster.Time.Advance((await budget.GetStatusAsync())!.WindowEnd!.Value - _cluster.Time.GetUtcNow());

        var next = await budget.BorrowAsync(Borrow("b", 2, need: 100));
        Assert.True(next.Window > loan.Window && next.Amount == 100);
    }

    [Fact]
    public async Task A_rolling_window_never_holds_more_than_the_amount_in_any_interval_of_its_length()
    {
        var budget = (await PublishAsync(_cluster, "rolling 24h")).On(_cluster);
        _cluster.Time.Advance((await budget.GetStatusAsync())!.WindowStart.AddHours(2) - _cluster.Time.GetUtcNow());
        var first = await budget.BorrowAsync(Borrow("a", 1, need: 60));
        Assert.Equal(60, first.Amount);
        _cluster.Time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(40, (await budget.BorrowAsync(Borrow("a", 2, need: 40))).Amount);

        _cluster.Time.Advance(TimeSpan.FromHours(12));
        var refused = await budget.BorrowAsync(Borrow("b", 1, need: 1));
        Assert.Equal(0, refused.Amount);
        Assert.InRange(refused.ResetsIn!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));

        _cluster.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(60, (await budget.BorrowAsync(Borrow("b", 2, need: 60))).Amount);
        Assert.Equal(0, (await budget.BorrowAsync(Borrow("b", 3, need: 1))).Left);
    }

    // The next day of a zone that has not yet begun and is this long.
    private (DateTimeOffset Start, DateTimeOffset End) NextDay(string id, TimeSpan length)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
        var day = TimeZoneInfo.ConvertTime(_cluster.Time.GetUtcNow(), zone).Date;
        for (var i = 0; i < 400; i++)
        {
            day = day.AddDays(1);
            var (start, end) = (At(day), At(day.AddDays(1)));
            if (end - start == length)
            {
                return (start, end);
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{id} has no day of {length.TotalHours} hours in the next year."));

        DateTimeOffset At(DateTime midnight) => new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
