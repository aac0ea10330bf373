using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class MeterBudgetTests : IAsyncDisposable
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MeteredEdges _edges;

    public MeterBudgetTests() => _edges = new MeteredEdges(_time);

    public ValueTask DisposeAsync() => _edges.DisposeAsync();

    [Fact]
    public async Task A_budget_is_spent_to_its_last_unit_and_then_refuses_with_what_is_left_and_when_it_resets()
    {
        var budget = Budget("daily", 25);
        budget.WindowEndsIn = TimeSpan.FromHours(12);
        var edge = Edge();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 25)]);
        var caller = MeteredEdge.Acme();

        Assert.NotNull((await edge.AdmitAsync(revision, caller, TenTokens)).Reservation);
        Assert.NotNull((await edge.AdmitAsync(revision, caller, TenTokens)).Reservation);
        var (reservation, refusal) = await edge.AdmitAsync(revision, caller, TenTokens);

        Assert.Null(reservation);
        Assert.Equal(RefusalReason.BudgetSpent, refusal!.Reason);
        Assert.Equal(
            "Budget 'daily' of tenant/acme: 5 tokens of 25 tokens can still be had, the request may need 10 tokens. It resets at 2026-01-02T00:00:00Z.",
            refusal.Message);
        Assert.Equal(TimeSpan.FromHours(12), refusal.RetryAfter);
        Assert.NotNull((await edge.AdmitAsync(revision, caller, new Ask("gpt", 5, 0, null))).Reservation);
    }

    [Fact]
    public async Task What_a_request_did_not_use_can_be_used_by_the_next()
    {
        Budget("daily", 10);
        var edge = Edge();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 10)]);

        var first = (await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!;
        first.Settle(MeteredEdge.Used(1, 2));
        first.Settle(MeteredEdge.Used(4, 6));

        Assert.NotNull((await edge.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", 7, 0, null))).Reservation);
        Assert.Null((await edge.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", 1, 0, null))).Reservation);
    }

    [Fact]
    public async Task Two_edges_under_concurrent_requests_never_spend_more_than_the_budget_and_can_spend_all_of_it()
    {
        var budget = Budget("daily", 1_000);
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 1_000)]);
        var admitted = 0;

        var edges = new[] { Edge(), Edge() };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var caller = MeteredEdge.Acme();
            for (var i = 0; i < 40; i++)
            {
                var (reservation, refusal) = await edges[client % 2].AdmitAsync(revision, caller, TenTokens);
                if (reservation is not null)
                {
                    Interlocked.Increment(ref admitted);
                    await Task.Yield();
                    reservation.Settle(MeteredEdge.Used(4, 6));
                }
                else
                {
                    Assert.Equal(RefusalReason.BudgetSpent, refusal!.Reason);
                }
            }
        })));
        foreach (var edge in edges)
        {
            await edge.StopAsync();
        }

        // What one edge held when the other was refused is less than a request's worth a loan.
        Assert.Equal(admitted * 10, budget.Posted(1));
        Assert.InRange(admitted, 90, 100);
        Assert.Equal(0, budget.OpenLeases);
    }

    [Fact]
    public async Task A_refusal_of_one_level_gives_back_what_the_others_had_reserved()
    {
        Budget("wide", 10);
        Budget("narrow", 5);
        var edge = Edge();
        var revision = MeteredEdge.Revision(
            [], [MeteredEdge.Budget(BudgetUnit.Tokens, 10, name: "wide"), MeteredEdge.Budget(BudgetUnit.Tokens, 5, name: "narrow")]);
        var wideOnly = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 10, name: "wide")], number: 2);

        var refusal = (await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Refusal;

        Assert.StartsWith("Budget 'narrow' of tenant/acme", refusal!.Message, StringComparison.Ordinal);
        Assert.NotNull((await edge.AdmitAsync(wideOnly, MeteredEdge.Acme(), TenTokens)).Reservation);
    }

    [Fact]
    public async Task Money_is_charged_by_the_price_and_told_with_the_answer()
    {
        Budget("daily", 1_000_000);
        var edge = Edge();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Money, 1_000_000)]);
        var ask = new Ask("gpt", 1_000, 1_000, new Price(150_000_000, 75_000_000, 600_000_000));

        var (first, _) = await edge.AdmitAsync(revision, MeteredEdge.Acme(), ask);
        var (_, refusal) = await edge.AdmitAsync(revision, MeteredEdge.Acme(), ask);

        Assert.Equal(RefusalReason.BudgetSpent, refusal!.Reason);
        Assert.Contains("0.00025 USD of 0.001 USD", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(30_000, first!.Settle(MeteredEdge.Used(100, 25)));
    }

    [Fact]
    public async Task A_soft_budget_counts_and_never_refuses()
    {
        var budget = Budget("daily", 15);
        var edge = Edge();
        await edge.StartAsync();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 15, BudgetMode.Soft)]);

        for (var i = 0; i < 5; i++)
        {
            (await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!.Settle(MeteredEdge.Used(4, 6));
        }

        await edge.MoveUntilAsync(() => budget.Known(1) == 50);
        Assert.False(edge.Meter.BindsTokens(revision, MeteredEdge.Acme(), "gpt"));
    }

    [Fact]
    public async Task Without_silos_a_closed_budget_refuses_as_unreachable_and_an_open_one_admits_and_counts_later()
    {
        var closed = Budget("closed", 100);
        var open = Budget("open", 100);
        closed.IsUnreachable = open.IsUnreachable = true;
        var edge = Edge();
        await edge.StartAsync();
        var openRevision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 100, rule: WhenUnreachable.Open, name: "open")]);

        var refusal = await edge.RefuseAsync(
            MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 100, name: "closed")]), MeteredEdge.Acme(), TenTokens);
        var admitted = (await edge.AdmitAsync(openRevision, MeteredEdge.Acme(), TenTokens)).Reservation;

        Assert.Equal(RefusalReason.Unreachable, refusal.Reason);
        admitted!.Settle(MeteredEdge.Used(4, 6));
        open.IsUnreachable = false;
        await edge.MoveUntilAsync(() => open.Known(1) == 10);
    }

    [Fact]
    public async Task A_request_is_charged_to_the_window_of_its_admission_and_the_old_lease_closes_when_it_has_settled()
    {
        var budget = Budget("daily", 100);
        budget.WindowEndsIn = TimeSpan.FromSeconds(5);
        var edge = Edge();
        await edge.StartAsync();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 100)]);
        (await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!.Settle(MeteredEdge.Used(0, 0, UsageSource.None));
        var before = (await edge.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", 4, 0, null))).Reservation!;

        // The old lease still covers what comes, and must not be used.
        budget.Window = 2;
        budget.WindowEndsIn = TimeSpan.FromDays(1);
        _time.Advance(TimeSpan.FromSeconds(5));
        var after = (await edge.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", 4, 0, null))).Reservation!;
        after.Settle(MeteredEdge.Used(1, 1));
        await edge.MoveUntilAsync(() => budget.Known(2) == 2);
        Assert.Equal(0, budget.Posted(1));
        before.Settle(MeteredEdge.Used(4, 0));

        await edge.MoveUntilAsync(() => budget.Posted(1) == 4);
        Assert.Equal(2, budget.Known(2));
    }

    [Fact]
    public async Task A_lease_that_nobody_uses_is_given_back_and_the_next_one_has_another_name()
    {
        var budget = Budget("daily", 100);
        var edge = Edge();
        await edge.StartAsync();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 100)]);
        (await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!.Settle(MeteredEdge.Used(4, 6));

        _time.Advance(TimeSpan.FromSeconds(61));
        await edge.MoveUntilAsync(() => budget.OpenLeases == 0);
        Assert.Equal(10, budget.Posted(1));

        // The edge may not have heard yet that it was taken back, and then asks again later.
        var next = edge.Meter.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();
        await edge.MoveUntilAsync(() => next.IsCompleted);
        (await next).Reservation!.Settle(MeteredEdge.Used(4, 6));
        await edge.StopAsync();
        Assert.Equal(20, budget.Posted(1));
    }

    [Fact]
    public async Task A_spent_budget_is_not_asked_again_by_every_refused_request()
    {
        var budget = Budget("daily", 10);
        var edge = Edge();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 10)]);
        await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens);
        await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens);
        var asked = budget.Borrows;

        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull((await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Refusal);
        }

        Assert.Equal(asked, budget.Borrows);
    }

    [Fact]
    public async Task A_budget_that_is_declared_no_more_binds_nobody()
    {
        Budget("daily", 10).IsDeclared = false;
        var edge = Edge();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 10)]);

        Assert.NotNull((await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation);
        Assert.NotNull((await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation);
    }

    private ScriptedBudget Budget(string name, long limit) => _edges.Budget(name, limit);

    private MeteredEdge Edge() => _edges.Edge();
}
