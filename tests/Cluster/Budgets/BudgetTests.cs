using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Fleet;
using static Sluice.Tests.Cluster.Budgets.DeclaredBudget;

namespace Sluice.Tests.Cluster.Budgets;

public sealed class BudgetTests(ClusterFixture cluster)
{
    private static readonly Author Ann = new("ann", "api", "");

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
    public async Task A_budget_whose_last_lease_is_closed_leaves_memory_and_is_as_it_was_when_it_is_asked_again()
    {
        var budget = (await PublishAsync(cluster)).On(cluster);
        var window = (await budget.BorrowAsync(Borrow("a", 1, need: 30))).Window;
        await budget.BorrowAsync(Borrow("b", 1, need: 30));
        await budget.ReportAsync(new LeaseReport("a", window, 20, Close: true));
        Assert.NotNull(await PlaceAsync());

        await budget.ReportAsync(new LeaseReport("b", window, 25, Close: true));
        await Eventually.TrueAsync(async () => await PlaceAsync() is null);

        Assert.Equal(45, (await budget.GetStatusAsync())!.Posted);

        ValueTask<SiloAddress?> PlaceAsync() => cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(budget);
    }

    [Fact]
    public async Task A_budget_that_leaves_memory_keeps_nobody_waiting_for_those_who_listen_for_recalls()
    {
        var budget = (await PublishAsync(cluster)).On(cluster);
        var window = (await budget.BorrowAsync(Borrow("a", 1, need: 30))).Window;
        var listens = budget.RecalledAsync("a", 0);

        await budget.ReportAsync(new LeaseReport("a", window, 20, Close: true));

        // The clock stands still, so no call that is held open ends by itself.
        Assert.Equal(20, (await budget.GetStatusAsync().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken))!.Posted);
        await listens.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
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

    [Fact]
    public async Task A_loan_that_is_short_asks_those_who_listen_and_what_they_give_back_is_lent()
    {
        var budget = (await PublishAsync(cluster)).On(cluster);
        var held = await budget.BorrowAsync(Borrow("a", 1, need: 80));
        Assert.True(held.Listen);
        var listening = budget.RecalledAsync("a", 0);

        var recalled = await budget.BorrowAsync(Borrow("b", 1, need: 50));
        var number = await listening;
        Assert.Equal((0, number), (recalled.Amount, recalled.Recall));
        Assert.NotEqual(0, number);
        await budget.ReportAsync(new LeaseReport("a", held.Window, 10, Close: false, Returned: 70));
        _ = budget.RecalledAsync("a", number);

        var lent = await budget.BorrowAsync(Borrow("b", 2, need: 50) with { Recall = number });
        Assert.Equal((50, 0), (lent.Amount, lent.Recall));
    }

    [Fact]
    public async Task What_is_added_counts_in_the_current_window_once_and_is_told()
    {
        var declared = await PublishAsync(cluster);
        var budget = declared.On(cluster);
        await budget.BorrowAsync(Borrow("a", 1, need: 100));

        await budget.AddAsync("launch", 50, "for the launch", Ann);
        var status = await budget.AddAsync("launch", 50, "for the launch", Ann);

        Assert.Equal((150, 50, "ann"), (status!.Limit, status.Left, Assert.Single(status.TopUps).By));
        Assert.Equal(50, (await budget.BorrowAsync(Borrow("a", 2, need: 50))).Amount - 100);
        Assert.Equal("ann", (await declared.ChangesAsync(cluster, ChangeKind.BudgetToppedUp, "daily/tenant/acme/50")).Author.Name);
    }

    [Fact]
    public async Task The_lease_of_a_lost_edge_is_resolved_by_a_figure_that_its_owner_may_yet_replace()
    {
        var declared = await PublishAsync(cluster);
        var budget = declared.On(cluster);
        var lost = await budget.BorrowAsync(Borrow("a", 1, need: 60));
        await budget.ReportAsync(new LeaseReport("a", lost.Window, 20, Close: false));

        Assert.Null(await budget.ResolveAsync("nobody", lost.Window, null, Ann));
        var resolved = await budget.ResolveAsync("a", lost.Window, 35, Ann);

        Assert.Equal((60, 20, 35), (resolved!.Amount, resolved.Reported, resolved.Spent));
        Assert.Equal((35, 65), await budget.GetStatusAsync() is { } status ? (status.Posted, status.Left) : default);
        Assert.True((await budget.BorrowAsync(Borrow("a", 2, need: 1))).IsClosed);
        Assert.True((await budget.ReportAsync(new LeaseReport("a", lost.Window, 31, Close: true))).IsClosed);
        Assert.Equal((31, 0), await budget.GetStatusAsync() is { } told ? (told.Posted, told.Resolved.Length) : default);
        await declared.ChangesAsync(cluster, ChangeKind.LeaseResolved, "daily/tenant/acme/a/35");
    }

    [Fact]
    public async Task A_share_that_the_declaration_names_is_told_when_it_is_spent()
    {
        var declared = await PublishAsync(cluster, more: ""","warnAt":["50%","80%"]""");
        var budget = declared.On(cluster);
        var loan = await budget.BorrowAsync(Borrow("a", 1, need: 90));

        await budget.ReportAsync(new LeaseReport("a", loan.Window, 49, Close: false));
        await budget.ReportAsync(new LeaseReport("a", loan.Window, 50, Close: false));
        await budget.ReportAsync(new LeaseReport("a", loan.Window, 60, Close: false));
        await budget.ReportAsync(new LeaseReport("a", loan.Window, 85, Close: false));

        Assert.Equal(["daily/tenant/acme/50%", "daily/tenant/acme/80%"], await declared.SubjectsAsync(cluster, ChangeKind.BudgetWarning));
    }
}
