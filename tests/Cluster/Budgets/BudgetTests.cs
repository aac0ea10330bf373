using Sluice.Grains.Interfaces.Budgets;
using static Sluice.Tests.Cluster.Budgets.DeclaredBudget;

namespace Sluice.Tests.Cluster.Budgets;

public sealed class BudgetTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_loan_that_is_asked_for_twice_is_lent_once()
    {
        var budget = (await PublishAsync(cluster)).On(cluster);

        var first = await budget.BorrowAsync(Borrow("a", 1, need: 30));
        var again = await budget.BorrowAsync(Borrow("a", 1, need: 30));
        var next = await budget.BorrowAsync(Borrow("a", 2, need: 30));

        Assert.Equal((30, 30, 60), (first.Amount, again.Amount, next.Amount));
        Assert.Equal(40, next.Left);
    }

    [Fact]
    public async Task Reports_count_by_their_greatest_whether_doubled_lost_or_out_of_order()
    {
        var budget = (await PublishAsync(cluster)).On(cluster);
        var window = (await budget.BorrowAsync(Borrow("a", 1, need: 60))).Window;

        await budget.ReportAsync(new LeaseReport("a", window, 20, Close: false));
        await budget.ReportAsync(new LeaseReport("a", window, 50, Close: false));
        await budget.ReportAsync(new LeaseReport("a", window, 50, Close: false));
        await budget.ReportAsync(new LeaseReport("a", window, 20, Close: false));
        Assert.Equal(50, Assert.Single((await budget.GetStatusAsync())!.Leases).Spent);
        await budget.ReportAsync(new LeaseReport("a", window, 55, Close: true));
        await budget.ReportAsync(new LeaseReport("a", window, 55, Close: true));

        var status = await budget.GetStatusAsync();
        Assert.Equal((55, 0, 0), (status!.Posted, status.Leases.Length, status.Overdraft));
        Assert.Equal(45, (await budget.BorrowAsync(Borrow("b", 1, need: 45))).Amount);
    }

    [Fact]
    public async Task Of_two_requests_at_the_last_of_a_budget_one_gets_it()
    {
        var budget = (await PublishAsync(cluster)).On(cluster);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(edge => budget.BorrowAsync(Borrow($"edge-{edge}", 1, need: 60))));

        Assert.Equal(60, answers.Sum(a => a.Amount));
    }

    [Fact]
    public async Task A_raised_limit_is_lent_from_with_the_revision_that_raised_it()
    {
        var declared = await PublishAsync(cluster);
        var budget = declared.On(cluster);
        await budget.BorrowAsync(Borrow("a", 1, need: 100));
        Assert.Equal(0, (await budget.BorrowAsync(Borrow("b", 1, need: 1))).Amount);

        var revision = await declared.ChangeAsync(cluster, 150);

        Assert.Equal((50, 150), await budget.BorrowAsync(Borrow("b", 2, need: 50, revision: revision)) is var answer ? (answer.Amount, answer.Limit) : default);
    }

    [Fact]
    public async Task A_lowered_limit_takes_nothing_back_and_lends_nothing_more()
    {
        var declared = await PublishAsync(cluster);
        var budget = declared.On(cluster);
        await budget.BorrowAsync(Borrow("a", 1, need: 80));

        var revision = await declared.ChangeAsync(cluster, 50);

        var answer = await budget.BorrowAsync(Borrow("a", 2, need: 1, revision: revision));
        Assert.Equal((80, 0), (answer.Amount, answer.Left));
    }

    [Fact]
    public async Task A_soft_budget_lends_above_its_amount_and_tells_what_is_spent()
    {
        var budget = (await PublishAsync(cluster, mode: "soft")).On(cluster);
        var loan = await budget.BorrowAsync(Borrow("a", 1, need: 500));

        await budget.ReportAsync(new LeaseReport("a", loan.Window, 480, Close: true));

        Assert.Equal((500, 480), (loan.Amount, (await budget.GetStatusAsync())!.Posted));
    }
}
