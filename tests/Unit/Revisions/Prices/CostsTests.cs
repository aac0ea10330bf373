using CsCheck;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions.Prices;

public sealed class CostsTests
{
    // A nano-dollar a token is a million a million: each kind has a rate of its own, so that a wrong one shows.
    private static readonly Price EachKind = new(new TokenRates(1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 3_000_000, 30_000_000, 300_000_000));

    private static readonly Gen<long> Rate = Gen.OneOf(Gen.Long[0, 3], Gen.Long[0, 100_000_000_000], Gen.Const(1_000_000_000_000_000_000));
    private static readonly Gen<TokenRates> Rates = Gen.Select(Rate.Array[8], r => new TokenRates(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]));

    private static readonly Gen<Price> Prices = Gen.Select(
        Rates, Gen.Select(Gen.Long[1, 300_000], Rates, (above, rates) => new PriceTier(above, rates)).List[0, 3], Rate, Gen.Int[0, 1_000_000], Gen.Int[1, 1_000_000], Gen.Int[1, 1_000_000],
        (rates, tiers, request, batch, units, dollars) => new Price(rates) { Tiers = [.. tiers.OrderBy(t => t.Above)], Request = request, BatchFactor = batch, Exchange = new Exchange(units, dollars) });

    private static readonly Gen<TokenCounts> Counts = Gen.Select(Gen.Long[0, 400_000].Array[8], c => new TokenCounts(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]));

    [Theory]
    [InlineData(10, 0, 0, 0, 0, 0, 0, 0, 10)]
    [InlineData(10, 4, 0, 0, 0, 0, 0, 0, 46)]
    [InlineData(10, 4, 3, 0, 0, 0, 0, 0, 343)]
    [InlineData(10, 4, 3, 2, 0, 0, 0, 0, 2_341)]
    [InlineData(10, 4, 3, 2, 1, 0, 0, 0, 12_340)]
    [InlineData(0, 0, 0, 0, 0, 10, 0, 0, 30)]
    [InlineData(0, 0, 0, 0, 0, 10, 4, 0, 138)]
    [InlineData(0, 0, 0, 0, 0, 10, 4, 3, 1_029)]
    public void Each_kind_of_token_has_its_own_price_and_the_whole_what_its_parts_leave(
        long input, long cached, long written, long image, long audio, long output, long reasoning, long spoken, long nano)
    {
        Assert.Equal(nano, Costs.Of(EachKind, new TokenCounts(input, cached, written, image, audio, output, reasoning, spoken)));
    }

    [Fact]
    public void A_token_in_two_parts_is_priced_once()
    {
        Assert.Equal(100, Costs.Of(EachKind, new TokenCounts { Input = 10, CachedRead = 10, CacheWrite = 10, InputAudio = 10, InputImage = 10 }));
    }

    [Fact]
    public void A_usage_of_zero_costs_nothing_but_what_each_request_does()
    {
        Assert.Equal(0, Costs.Of(EachKind, default));
        Assert.Equal(7, Costs.Of(EachKind with { Request = 7 }, default));
    }

    [Theory]
    [InlineData(200_000, 200_000)]
    [InlineData(200_001, 400_002)]
    [InlineData(500_001, 2_500_005)]
    public void Above_a_tier_all_of_the_input_has_its_price(long input, long nano)
    {
        var tiered = new Price(TokenRates.Of(1_000_000, 0)) { Tiers = [new PriceTier(200_000, TokenRates.Of(2_000_000, 0)), new PriceTier(500_000, TokenRates.Of(5_000_000, 0))] };
        Assert.Equal(nano, Costs.Of(tiered, new TokenCounts { Input = input }));
    }

    [Fact]
    public void A_tier_is_chosen_by_all_of_the_input_cached_or_not()
    {
        var tiered = new Price(1_000_000, 0, 0) { Tiers = [new PriceTier(10, new TokenRates(2_000_000, 1_000_000, 0, 0, 0, 0, 0, 0))] };
        Assert.Equal((2 * 2) + 9, Costs.Of(tiered, new TokenCounts { Input = 11, CachedRead = 9 }));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100_000, 110)]
    [InlineData(1, 101)]
    [InlineData(-500_000, 50)]
    [InlineData(-1_000_000, 0)]
    public void A_mark_up_is_in_parts_per_million_and_rounded_up_with_the_rest(int markUp, long nano)
    {
        Assert.Equal(nano, Costs.Of(EachKind, new TokenCounts { Input = 100 }, markUp));
    }

    [Fact]
    public void Mark_up_currency_and_batch_round_once_not_each()
    {
        // 1/1,000,000 of a nano × 1.5 × 1.5 × 0.5 is far below one, and each rounding would have added one.
        var price = new Price(1, 1, 1) { Exchange = new Exchange(2, 3), BatchFactor = 500_000 };
        Assert.Equal(1, Costs.Of(price, new TokenCounts { Input = 1 }, 500_000, isBatch: true));
        Assert.Equal(1_125_000, Costs.Of(price, new TokenCounts { Input = 1_000_000_000_000 }, 500_000, isBatch: true));
    }

    [Fact]
    public void The_batch_rate_is_asked_where_the_provider_served_at_it()
    {
        var price = EachKind with { BatchFactor = 500_000 };
        Assert.Equal(50, Costs.Of(price, new TokenCounts { Input = 100 }, isBatch: true));
        Assert.Equal(100, Costs.Of(price, new TokenCounts { Input = 100 }, isBatch: false));
    }

    [Fact]
    public void No_request_costs_more_than_its_worst_case() => Gen.Select(Prices, Counts, Gen.Long[0, 1_000], Gen.Int[-1_000_000, 10_000_000], Gen.Bool).Sample((price, counts, more, markUp, isBatch) =>
    {
        Assert.True(Costs.Of(price, counts, markUp, isBatch) <= Costs.Worst(price, counts.Input + more, counts.Output + more, TokenKinds.All, markUp));
        var text = counts with { InputImage = 0, InputAudio = 0, OutputAudio = 0 };
        Assert.True(Costs.Of(price, text, markUp, isBatch) <= Costs.Worst(price, text.Input, text.Output, TokenKinds.None, markUp));
    });

    [Fact]
    public void Costs_are_those_of_unbounded_arithmetic() => Gen.Select(Prices, Counts, Gen.Int[-1_000_000, 10_000_000]).Sample((price, counts, markUp) =>
    {
        var rates = price.RatesOf(counts.Input);
        var cached = Math.Min(counts.CachedRead, counts.Input);
        var sum = ((System.Numerics.BigInteger)(counts.Input - cached) * rates.Input) + ((System.Numerics.BigInteger)cached * rates.CachedInput)
            + ((System.Numerics.BigInteger)counts.Output * rates.Output) + ((System.Numerics.BigInteger)price.Request * 1_000_000);
        var (numerator, divisor) = (sum * price.Exchange.Dollars * (1_000_000 + markUp), (System.Numerics.BigInteger)price.Exchange.Units * 1_000_000 * 1_000_000);
        var exact = System.Numerics.BigInteger.Min((numerator + divisor - 1) / divisor, long.MaxValue / 4);
        Assert.Equal(exact, Costs.Of(price, new TokenCounts { Input = counts.Input, CachedRead = counts.CachedRead, Output = counts.Output }, markUp));
    });
}
