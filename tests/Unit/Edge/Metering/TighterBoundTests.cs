using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class TighterBoundTests
{
    [Theory]
    [InlineData(BudgetUnit.Tokens, 1_000L, null, 0, 200L)]
    [InlineData(BudgetUnit.Tokens, 100L, 20L, 1, 20L)]
    [InlineData(BudgetUnit.Tokens, 100L, null, 1, null)]
    [InlineData(BudgetUnit.Tokens, 100L, 90L, 1, null)]
    [InlineData(BudgetUnit.Requests, 0L, 20L, 0, null)]
    public async Task A_request_is_counted_exactly_where_its_bound_does_not_fit_and_not_before(BudgetUnit unit, long budget, long? counted, int asked, long? reserved)
    {
        await using var edge = new MeteredEdge(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero)), (_, _) => new ScriptedBudget(budget));
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(unit, budget)]);
        var tighter = new Counted(counted);

        var (admitted, refusal) = await edge.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", 200, 50, null) { Tighter = tighter });

        Assert.Equal((asked, reserved), (tighter.Asked, admitted?.InputBound));
        Assert.Equal(reserved is null, refusal is not null);
    }

    private sealed class Counted(long? tokens) : ITighterBound
    {
        public int Asked { get; private set; }

        public ValueTask<long?> TightenAsync(CancellationToken cancellation)
        {
            Asked++;
            return ValueTask.FromResult(tokens);
        }
    }
}
