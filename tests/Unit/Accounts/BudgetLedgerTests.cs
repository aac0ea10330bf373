using Sluice.Grains.Budgets;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Accounts;

public sealed class BudgetLedgerTests
{
    private const long Window = 100;

    [Fact]
    public void A_repeated_operation_gets_what_the_first_one_got()
    {
        var (ledger, first) = new BudgetLedger().Borrow(Ask("a", 1, need: 30), Window, 100);
        var (_, again) = ledger.Borrow(Ask("a", 1, need: 30), Window, 100);
        Assert.Equal(30, first.Amount);
        Assert.Equal(first, again);
    }

    [Fact]
    public void The_last_units_can_be_borrowed_and_no_more()
    {
        var (ledger, _) = new BudgetLedger().Borrow(Ask("a", 1, need: 60), Window, 100);
        (ledger, var refused) = ledger.Borrow(Ask("b", 1, need: 41), Window, 100);
        (_, var last) = ledger.Borrow(Ask("b", 2, need: 40), Window, 100);
        Assert.Equal(0, refused.Amount);
        Assert.Equal(40, last.Amount);
    }

    [Fact]
    public void A_closed_lease_gives_back_what_was_not_spent_once()
    {
        var (ledger, _) = new BudgetLedger().Borrow(Ask("a", 1, need: 60), Window, 100);
        ledger = ledger.Take(new LeaseReport("a", Window, Spent: 20, Close: true));
        ledger = ledger.Take(new LeaseReport("a", Window, Spent: 25, Close: true));
        Assert.Equal(20, ledger.At(Window).Committed);
    }

    [Fact]
    public void What_was_spent_above_a_lease_is_posted_and_told_as_overdraft()
    {
        var (ledger, _) = new BudgetLedger().Borrow(Ask("a", 1, need: 60), Window, 100);
        var window = ledger.Take(new LeaseReport("a", Window, Spent: 75, Close: true)).At(Window);
        Assert.Equal((75, 15), (window.Posted, window.Overdraft));
    }

    [Fact]
    public void Under_lost_doubled_and_late_reports_and_repeated_loans_no_edge_can_spend_above_the_limit()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var fault = Run(new Random(seed), static report => report);
            Assert.True(fault is null, $"seed {seed}: {fault}");
        }
    }

    [Fact]
    public void The_simulator_catches_reports_of_differences() =>
        Assert.Contains(Enumerable.Range(0, 300), seed => Run(new Random(seed), static report => report with { Spent = report.Spent / 2 }) is not null);

    // Edges that borrow, spend and close while the network loses, doubles and delays; the witness is what all edges spent.
    private static string? Run(Random random, Func<LeaseReport, LeaseReport> mutate)
    {
        const long Limit = 1_000;
        var ledger = new BudgetLedger();
        var edges = Enumerable.Range(0, 3).Select(i => new SimulatedEdge($"e{i}")).ToList();
        var late = new List<LeaseReport>();
        var gone = 0L;
        for (var step = 0; step < 200; step++)
        {
            var edge = edges[random.Next(edges.Count)];
            edge.Spend(random.Next(40));
            var report = mutate(new LeaseReport(edge.Name, Window, edge.Spent, Close: false));
            switch (random.Next(5))
            {
                case 0:
                    late.Add(report);
                    break;
                case 1 when late.Count > 0:
                    ledger = ledger.Take(late[random.Next(late.Count)]);
                    break;
                case 2:
                    ledger = ledger.Take(mutate(new LeaseReport(edge.Name, Window, edge.Spent, Close: true)));
                    edges[edges.IndexOf(edge)] = new SimulatedEdge($"{edge.Name}'");
                    gone += edge.Spent;
                    break;
                default:
                    var asked = new BorrowRequest(edge.Name, ++edge.Operation, random.Next(60), random.Next(120), 1, random.Next(2) == 0 ? report : null);
                    (ledger, var lease) = ledger.Borrow(asked, Window, Limit);
                    if (random.Next(4) > 0)
                    {
                        edge.Amount = Math.Max(edge.Amount, lease.Amount);
                    }

                    break;
            }

            if (edges.Sum(e => e.Spent) + gone > Limit)
            {
                return $"step {step}: more than {Limit} was spent";
            }
        }

        return null;
    }

    private static BorrowRequest Ask(string edge, long operation, long need) => new(edge, operation, need, need, 1, null);

    private sealed class SimulatedEdge(string name)
    {
        public string Name => name;

        public long Amount { get; set; }

        public long Spent { get; private set; }

        public long Operation { get; set; }

        public void Spend(long wish) => Spent += Math.Min(wish, Amount - Spent);
    }
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
        Assert.Equal((At(start), At(end)), (window.Start, window.End));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
