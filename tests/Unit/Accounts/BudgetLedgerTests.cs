using System.Collections.Immutable;
using Sluice.Grains.Budgets;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Accounts;

public sealed class BudgetLedgerTests
{
    private const long Window = 100;
    private static readonly BudgetTerms Hundred = new(Window, Window, 100);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_repeated_operation_gets_what_the_first_one_got()
    {
        var first = new BudgetLedger().Borrow(Ask("a", 1, need: 30), Hundred);
        var again = first.Next.Borrow(Ask("a", 1, need: 30), Hundred);
        Assert.Equal(30, first.Lease.Amount);
        Assert.Equal(first.Lease, again.Lease);
        Assert.Same(first.Next, again.Next);
    }

    [Fact]
    public void The_last_units_can_be_borrowed_and_no_more()
    {
        var ledger = Lent("a", 60);
        var refused = ledger.Borrow(Ask("b", 1, need: 41), Hundred);
        var last = refused.Next.Borrow(Ask("b", 2, need: 40), Hundred);
        Assert.Equal((0, true), (refused.Lease.Amount, refused.IsShort));
        Assert.Same(ledger, refused.Next);
        Assert.Equal((40, false), (last.Lease.Amount, last.IsShort));
    }

    [Fact]
    public void Near_the_end_what_requests_wait_for_is_lent_and_nothing_ahead_of_need()
    {
        var terms = Hundred with { Limit = 10_000 };
        var ledger = new BudgetLedger().Borrow(Ask("a", 1, need: 9_900), terms).Next;

        var ahead = ledger.Borrow(new BorrowRequest("b", 1, 0, 50, 1, null), terms);
        var waiting = ledger.Borrow(new BorrowRequest("b", 1, 10, 90, 1, null, Waiting: 30), terms);

        Assert.Equal((0, true), (ahead.Lent, ahead.IsDirect));
        Assert.Equal((30, true), (waiting.Lent, waiting.IsDirect));
    }

    [Fact]
    public void What_a_lease_gives_back_is_lent_to_others_and_a_late_report_takes_nothing_back()
    {
        var ledger = Lent("a", 100).Take(new LeaseReport("a", Window, 10, Close: false, Returned: 70));
        ledger = ledger.Take(new LeaseReport("a", Window, 5, Close: false, Returned: 20));

        Assert.Equal(70, ledger.Left(Hundred));
        Assert.Equal(20, ledger.OutWithOthers(Hundred, "b"));
        Assert.True(ledger.Borrow(Ask("b", 1, need: 71), Hundred).IsShort);
        Assert.Equal(70, ledger.Borrow(Ask("b", 2, need: 70), Hundred).Lease.Amount);
    }

    [Fact]
    public void A_closed_lease_gives_back_what_was_not_spent_once_and_is_never_lent_to_again()
    {
        var ledger = Lent("a", 60).Take(new LeaseReport("a", Window, Spent: 20, Close: true));
        ledger = ledger.Take(new LeaseReport("a", Window, Spent: 25, Close: true));
        var late = ledger.Borrow(Ask("a", 2, need: 10), Hundred);

        Assert.Equal(20, ledger.Committed(Hundred));
        Assert.Equal((0, true), (late.Lease.Amount, late.IsClosed));
        Assert.Equal(10, ledger.Borrow(Ask("a.1", 1, need: 10), Hundred).Lease.Amount);
    }

    [Fact]
    public void What_was_spent_by_force_under_a_name_that_was_never_lent_to_counts()
    {
        var ledger = new BudgetLedger().Take(new LeaseReport("a", Window, Spent: 30, Close: false));
        Assert.Equal((30, 30), (ledger.Spent(Hundred), ledger.Committed(Hundred)));

        ledger = ledger.Take(new LeaseReport("a", Window, Spent: 40, Close: true));
        Assert.Equal((40, 0), (ledger.At(Window).Posted, ledger.At(Window).Leases.Length));
        Assert.Same(ledger, ledger.Take(new LeaseReport("a", Window, Spent: 40, Close: false)));
    }

    [Fact]
    public void What_was_spent_above_a_lease_is_posted_and_told_as_overdraft()
    {
        var window = Lent("a", 60).Take(new LeaseReport("a", Window, Spent: 75, Close: true)).At(Window);
        Assert.Equal((75, 15), (window.Posted, window.Overdraft));
    }

    [Fact]
    public void A_lease_that_was_resolved_is_posted_by_estimate_until_its_owner_tells()
    {
        var ledger = Lent("a", 60).Take(new LeaseReport("a", Window, 20, Close: false)).Resolve("a", Window, 50, "ann", Noon)!;

        Assert.Equal(50, ledger.Committed(Hundred));
        Assert.Equal(new ResolvedLease("a", 60, 20, 50, "ann", Noon), Assert.Single(ledger.At(Window).Resolved));
        Assert.Null(ledger.Resolve("a", Window, 50, "ann", Noon));
        Assert.Equal(55, ledger.Take(new LeaseReport("a", Window, 55, Close: false)).Committed(Hundred));
        var told = ledger.Take(new LeaseReport("a", Window, 31, Close: true));
        Assert.Equal((31, 0), (told.Committed(Hundred), told.At(Window).Resolved.Length));
        Assert.Same(told, told.Take(new LeaseReport("a", Window, 31, Close: true)));
    }

    [Fact]
    public void What_is_added_to_a_window_counts_there_once()
    {
        var topUp = new LedgerTopUp("x", 50, "ann", Noon, "for the launch");
        var ledger = Lent("a", 100).Add(topUp, Hundred);

        Assert.Equal((150, 50), (ledger.LimitOf(Hundred), ledger.Left(Hundred)));
        Assert.Same(ledger, ledger.Add(topUp with { Amount = 70 }, Hundred));
        Assert.Equal(100, ledger.LimitOf(new BudgetTerms(Window + 1, Window + 1, 100)));
    }

    [Fact]
    public void The_pieces_of_a_rolling_window_count_together_until_they_are_too_old()
    {
        var ledger = Lent("a", 60);
        ledger = ledger.Borrow(Ask("a", 2, need: 30), new BudgetTerms(Window + 10, Window, 100)).Next;

        Assert.Equal(10, ledger.Left(new BudgetTerms(Window + 20, Window, 100)));
        Assert.Equal(70, ledger.Left(new BudgetTerms(Window + 20, Window + 1, 100)));
    }

    private static BudgetLedger Lent(string edge, long amount) => new BudgetLedger().Borrow(Ask(edge, 1, amount), Hundred).Next;

    private static BorrowRequest Ask(string edge, long operation, long need) => new(edge, operation, need, need, 1, null, need);
}

public sealed class BudgetCalendarTests
{
    [Theory]
    [InlineData(WindowLength.Day, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData(WindowLength.Day, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData(WindowLength.Week, "UTC", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z")]
    [InlineData(WindowLength.Month, "America/New_York", "2026-03-01T04:59:59Z", "2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z")]
    public void A_window_begins_and_ends_by_its_zones_calendar(WindowLength every, string zone, string now, string start, string end)
    {
        var window = BudgetCalendar.At(new BudgetWindow(every, zone), At(now));
        Assert.Equal((At(start), At(end), At(start)), (window.Start, window.End!.Value, window.From));
    }

    [Fact]
    public void Any_interval_of_a_rolling_windows_length_lies_within_pieces_that_count_together()
    {
        var window = new BudgetWindow(WindowLength.Rolling, "UTC", TimeSpan.FromHours(24));
        for (var minute = 0; minute < 200; minute++)
        {
            var end = At("2026-03-01T00:00:00Z").AddMinutes(minute);
            var span = BudgetCalendar.At(window, end);
            Assert.True(span.From <= end - TimeSpan.FromHours(24) && span.Start <= end && end < span.End, $"at {end}");
            Assert.Equal(TimeSpan.FromHours(24), span.Start - span.From);
        }
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_opens_no_window_again()
    {
        var window = new BudgetWindow(WindowLength.Day, "UTC");
        var today = BudgetCalendar.At(window, At("2026-03-02T00:10:00Z"));
        ImmutableArray<LedgerWindow> known = [LedgerWindow.Empty(today.Start.UtcTicks)];

        Assert.Equal(today, BudgetCalendar.Monotone(window, At("2026-03-01T23:55:00Z"), known));
        Assert.Equal(At("2026-02-01T00:00:00Z"), BudgetCalendar.Monotone(window, At("2026-02-01T23:55:00Z"), known).Start);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
