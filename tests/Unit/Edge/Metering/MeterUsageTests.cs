using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>What a settlement charges and records.</summary>
public sealed class MeterUsageTests
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(UsageSource.Reserved, 10)]
    [InlineData(UsageSource.Estimated, 5)]
    [InlineData(UsageSource.None, 0)]
    public async Task A_settlement_is_charged_and_recorded_by_the_source_of_its_figures(UsageSource source, long tokens)
    {
        var budget = new ScriptedBudget(100);
        await using var edge = Edge(budget);
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 100)]);
        (await edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!.Settle(
            source == UsageSource.None ? MeteredEdge.Used(0, 0, source) : MeteredEdge.Used(2, 3, source));

        await edge.StopAsync();

        Assert.Equal(tokens, budget.Posted(1));
        var record = Assert.Single(Assert.Single(edge.Batches).Records);
        Assert.Equal((tokens, source), (record.Tokens.Input + record.Tokens.Output, record.Source));
        Assert.Equal(("acme", "k1", "gpt", "p/m", 200), (record.Tenant, record.KeyId, record.Asked, record.Target, record.Status));
        Assert.Equal(new LeaseCharge("daily", "tenant/acme", edge.Name, 1, tokens), Assert.Single(record.Charges));
    }

    [Fact]
    public async Task Refusals_are_recorded_as_usage_of_nothing()
    {
        await using var edge = Edge(new ScriptedBudget(1));
        await edge.AdmitAsync(MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 1)]), MeteredEdge.Acme(), TenTokens);

        await edge.StopAsync();

        var row = Assert.Single(Assert.Single(edge.Batches).Rows);
        Assert.Equal((429, UsageSource.None, 1, 0), (row.Key.Status, row.Key.Source, row.Used.Requests, row.Used.Tokens.Input));
    }

    private MeteredEdge Edge(ScriptedBudget budget) => new(_time, (_, _) => budget);
}
