using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>What becomes of a cap that a budget does not cover.</summary>
public sealed class LoweredCapTests : IAsyncDisposable
{
    private static readonly Ask Asked = new("gpt", 40, 1_000, null) { Answers = 1 };
    private static readonly Price Dear = new(150_000_000, 75_000_000, 600_000_000);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, ScriptedBudget> _budgets = new(StringComparer.Ordinal);
    private readonly MeteredEdge _edge;

    public LoweredCapTests() => _edge = new MeteredEdge(_time, (_, key) => _budgets[key.Split('|')[1]]);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(1_000, 1, 500, 460L)]
    [InlineData(1_000, 1, 103, 63L)]
    [InlineData(1_000, 1, 102, null)]
    [InlineData(1_000, 1, 39, null)]
    [InlineData(1_000, 1, 1_040, 1_000L)]
    [InlineData(1_000, 3, 500, 153L)]
    [InlineData(100, 1, 56, 16L)]
    [InlineData(100, 1, 55, null)]
    [InlineData(16, 1, 55, null)]
    [InlineData(1_000, 0, 500, null)]
    public void The_greatest_cap_that_fits_is_found_and_no_useless_one(long cap, long answers, long left, long? lowered)
    {
        var found = LoweredCap.Of(Asked with { OutputTokens = cap * Math.Max(1, answers), Answers = answers }, BudgetUnit.Tokens, left);
        Assert.Equal(lowered, found?.OutputTokens / Math.Max(1, answers));
    }

    [Fact]
    public void Money_is_spent_to_less_than_a_token_and_requests_lower_nothing()
    {
        var ask = Asked with { Price = Dear, MarkUp = 70_000, Answers = 2, OutputTokens = 2_000 };
        for (var left = 60_000L; left < 1_200_000; left += 7_919)
        {
            if (LoweredCap.Of(ask, BudgetUnit.Money, left) is { } found)
            {
                Assert.True(Charge.WorstCase(found).Nano <= left);
                Assert.True(found.OutputTokens == ask.OutputTokens || Charge.WorstCase(found with { OutputTokens = found.OutputTokens + 2 }).Nano > left);
            }
            else
            {
                Assert.True(Charge.WorstCase(ask with { OutputTokens = 2 * 63 }).Nano > left);
            }
        }

        Assert.Null(LoweredCap.Of(ask, BudgetUnit.Requests, 1));
    }

    [Fact]
    public async Task The_tightest_of_the_levels_lowers_and_exactly_so_much_is_reserved_on_all()
    {
        _budgets["wide"] = new ScriptedBudget(900);
        _budgets["narrow"] = new ScriptedBudget(300);
        var revision = MeteredEdge.Revision(
            [], [MeteredEdge.Budget(BudgetUnit.Tokens, 900, name: "wide"), MeteredEdge.Budget(BudgetUnit.Tokens, 300, name: "narrow")]);
        var wideOnly = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 900, name: "wide")], number: 2);

        var reservation = (await _edge.AdmitAsync(revision, MeteredEdge.Acme(), Asked)).Reservation!;

        Assert.Equal(260, reservation.OutputBound);
        Assert.Null((await _edge.AdmitAsync(wideOnly, MeteredEdge.Acme(), new Ask("gpt", 601, 0, null))).Reservation);
        Assert.NotNull((await _edge.AdmitAsync(wideOnly, MeteredEdge.Acme(), new Ask("gpt", 600, 0, null))).Reservation);
        Assert.NotNull((await _edge.AdmitAsync(revision, MeteredEdge.Acme(), Asked)).Refusal);

        reservation.Settle(MeteredEdge.Used(40, 260));
        Assert.Contains("0 tokens of 300 tokens", (await _edge.AdmitAsync(revision, MeteredEdge.Acme(), Asked with { OutputTokens = 16 })).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_tokens_refuses_and_lowers_nothing()
    {
        var edge = new MeteredEdge(_time, (_, _) => new ScriptedLimit());
        await using var ended = edge;
        var revision = MeteredEdge.Revision([MeteredEdge.Limit(tokens: MeteredEdge.PerSecond(100, 500))], []);

        Assert.Equal(RefusalReason.RateLimited, (await edge.AdmitAsync(revision, MeteredEdge.Acme(), Asked)).Refusal!.Reason);
    }
}
