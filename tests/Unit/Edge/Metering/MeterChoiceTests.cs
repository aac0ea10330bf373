using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>Budgets for a part of a subject's requests, and those that are open up to an amount.</summary>
public sealed class MeterChoiceTests : IAsyncDisposable
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MeteredEdges _edges;

    public MeterChoiceTests() => _edges = new MeteredEdges(_time);

    public ValueTask DisposeAsync() => _edges.DisposeAsync();

    [Fact]
    public async Task A_budget_that_is_open_up_to_an_amount_admits_so_much_without_silos_and_no_more()
    {
        var budget = Budget("daily", 100);
        budget.IsUnreachable = true;
        var edge = Edge();
        await edge.StartAsync();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 100, rule: WhenUnreachable.OpenUpTo) with { OpenUpTo = 25 }]);

        Assert.NotNull((await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation);
        Assert.NotNull((await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation);
        Assert.Equal(RefusalReason.Unreachable, (await edge.RefuseAsync(revision, MeteredEdge.Acme(), TenTokens)).Reason);
    }

    [Fact]
    public async Task A_budget_for_one_model_binds_requests_for_that_alone()
    {
        Budget("dear", 10);
        var edge = Edge();
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 10, name: "dear") with { For = new PolicyFor("dear") }]);
        var caller = MeteredEdge.Acme();

        Assert.NotNull((await edge.AdmitAsync(revision, caller, TenTokens with { Name = "dear" })).Reservation);
        Assert.StartsWith("Budget 'dear' of tenant/acme", (await edge.AdmitAsync(revision, caller, TenTokens with { Name = "dear" })).Refusal!.Message, StringComparison.Ordinal);
        Assert.NotNull((await edge.AdmitAsync(revision, caller, TenTokens)).Reservation);
        Assert.Equal((true, false), (edge.Meter.BindsTokens(revision, caller, "dear"), edge.Meter.BindsTokens(revision, caller, "gpt")));
    }

    private ScriptedBudget Budget(string name, long limit) => _edges.Budget(name, limit);

    private MeteredEdge Edge() => _edges.Edge();
}
