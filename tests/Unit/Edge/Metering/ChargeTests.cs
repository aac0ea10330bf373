using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class ChargeTests
{
    // 0.15, 0.075 and 0.60 USD a million.
    private static readonly Price Mini = new(150_000_000, 75_000_000, 600_000_000);

    [Theory]
    [InlineData(1, 0, 0, 150)]
    [InlineData(1_000_000, 0, 0, 150_000_000)]
    [InlineData(1_000, 400, 10, 126_000)]
    [InlineData(0, 0, 0, 0)]
    public void A_price_is_of_a_million_tokens_and_cached_ones_are_a_part_of_the_input(long input, long cached, long output, long nano)
    {
        Assert.Equal(nano, Costs.Of(Mini, new TokenCounts { Input = input, CachedRead = cached, Output = output }));
    }

    [Fact]
    public void A_part_of_a_nano_dollar_is_rounded_up()
    {
        Assert.Equal(1, Costs.Of(new Price(1, 1, 1), new TokenCounts { Input = 1 }));
        Assert.Equal(2, Costs.Of(new Price(1, 1, 1), new TokenCounts { Input = 1_000_001 }));
    }

    [Fact]
    public void More_cached_tokens_than_input_never_make_a_request_cheaper_than_all_cached()
    {
        Assert.Equal(Costs.Of(Mini, new TokenCounts { Input = 100, CachedRead = 100, Output = 5 }), Costs.Of(Mini, new TokenCounts { Input = 100, CachedRead = 5_000, Output = 5 }));
    }

    [Fact]
    public void The_worst_case_takes_the_dearer_of_the_input_prices()
    {
        var dearCache = new Price(100_000_000, 200_000_000, 0);

        Assert.Equal(new Charge(1_000, 200_000), Charge.WorstCase(new Ask("m", 1_000, 0, dearCache)));
    }

    [Theory]
    [InlineData(UsageSource.Reported, 30, 9_000)]
    [InlineData(UsageSource.Partial, 30, 9_000)]
    [InlineData(UsageSource.Estimated, 30, 9_000)]
    [InlineData(UsageSource.Reserved, 500, 77)]
    [InlineData(UsageSource.None, 0, 0)]
    public void What_is_charged_follows_where_the_figures_come_from(UsageSource source, long tokens, long nano)
    {
        var settlement = new Settlement(source, new TokenCounts { Input = 20, Output = 10 }, "p/m", 200);

        Assert.Equal(new Charge(tokens, nano), Charge.Used(settlement, new Ask("m", 0, 0, Mini), new Charge(500, 77)));
    }

    [Fact]
    public void A_request_is_one_request_in_a_budget_of_requests_and_its_tokens_and_money_in_the_others()
    {
        var charge = new Charge(30, 9);

        Assert.Equal((1, 30, 9), (charge.In(BudgetUnit.Requests), charge.In(BudgetUnit.Tokens), charge.In(BudgetUnit.Money)));
    }

    [Fact]
    public void Absurd_figures_are_charged_as_the_most_that_there_is_and_do_not_overflow()
    {
        var charge = Charge.WorstCase(new Ask("m", long.MaxValue, long.MaxValue, new Price(long.MaxValue, 1, long.MaxValue)));

        Assert.Equal(long.MaxValue / 4, charge.Tokens);
        Assert.Equal(long.MaxValue / 4, charge.Nano);
    }
}
