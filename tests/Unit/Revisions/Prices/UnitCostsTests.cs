using System.Text;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Tests.Unit.Revisions.Prices;

/// <summary>Pictures, minutes and characters: read from a table, priced to the last digit, and never dearer than what was reserved.</summary>
public sealed class UnitCostsTests
{
    private const string Table = """
        {"kind":"Price","name":"units","entries":[
         {"model":"pictures","image":"0.04 USD","images":[{"quality":"hd","price":"0.08 USD"},{"size":"1024x1792","price":"0.07 USD"},{"size":"1024x1792","quality":"hd","price":"0.12 USD"}]},
         {"model":"sound","minute":"0.006 USD"},
         {"model":"voice","characters":"15 USD"}]}
        """;

    private static readonly string[] Sizes = ["", "1024x1024", "1024x1792", "other"];
    private static readonly string[] Qualities = ["", "hd", "standard"];

    [Theory]
    [InlineData(1, "", "", 0.04)]
    [InlineData(1, "1024x1024", "standard", 0.04)]
    [InlineData(2, "1024x1024", "hd", 0.16)]
    [InlineData(1, "1024x1792", "standard", 0.07)]
    [InlineData(3, "1024x1792", "hd", 0.36)]
    public void A_picture_costs_by_the_most_special_entry_that_fits_it(int count, string size, string quality, double dollars) =>
        Assert.Equal((long)(dollars * 1e9), Cost("pictures", new UnitCounts(count, size, quality, 0, 0)));

    [Theory]
    [InlineData("", "", 0.12)]
    [InlineData("1024x1024", "", 0.08)]
    [InlineData("1024x1792", "", 0.12)]
    [InlineData("", "standard", 0.07)]
    [InlineData("1024x1024", "standard", 0.04)]
    public void Before_it_is_made_it_costs_the_dearest_that_it_can_be(string size, string quality, double dollars) =>
        Assert.Equal((long)(dollars * 1e9), Costs.Worst(PriceOf("pictures"), 0, 0, TokenKinds.All, 0, new UnitCounts(1, size, quality, 0, 0)));

    [Fact]
    public void No_picture_costs_more_than_was_reserved_for_what_was_asked()
    {
        var price = PriceOf("pictures");
        foreach (var (size, quality, madeSize, madeQuality) in from s in Sizes from q in Qualities from ms in Sizes from mq in Qualities select (s, q, ms, mq))
        {
            var made = new UnitCounts(1, size.Length > 0 ? size : madeSize, quality.Length > 0 ? quality : madeQuality, 0, 0);
            Assert.True(Costs.Of(price, default, units: made) <= Costs.Worst(price, 0, 0, units: new UnitCounts(1, size, quality, 0, 0)), $"{made} of {size} {quality}");
        }
    }

    [Fact]
    public void Minutes_are_counted_by_milliseconds_and_characters_one_by_one()
    {
        Assert.Equal(6_000_000, Cost("sound", new UnitCounts(0, "", "", 60_000, 0)));
        Assert.Equal(847_000, Cost("sound", new UnitCounts(0, "", "", 8_470, 0)));
        Assert.Equal(100, Cost("sound", new UnitCounts(0, "", "", 1, 0)));
        Assert.Equal(15_000, Cost("voice", new UnitCounts(0, "", "", 0, 1)));
        Assert.Equal(15_000_000_000, Cost("voice", new UnitCounts(0, "", "", 0, 1_000_000)));
        Assert.Equal(0, Cost("voice", new UnitCounts(5, "", "", 60_000, 0)));
    }

    [Fact]
    public void Explanations_name_them()
    {
        Assert.Contains("0.04 USD for a picture, 0.12 USD for a picture of 1024x1792, hd, ", PolicyText.Of(PriceOf("pictures")), StringComparison.Ordinal);
        Assert.Contains(", 0.006 USD for a minute of sound", PolicyText.Of(PriceOf("sound")), StringComparison.Ordinal);
        Assert.Contains(", 15 USD for a million spoken characters", PolicyText.Of(PriceOf("voice")), StringComparison.Ordinal);
    }

    [Fact]
    public void Explanations_of_another_currency_have_its_amounts_and_its_exchange()
    {
        var euros = new Price(2_000_000_000, 500_000_000, 8_000_000_000)
        {
            Request = 10_000_000,
            Tiers = [new PriceTier(1000, TokenRates.Of(4_000_000_000, 16_000_000_000))],
            Units = new UnitRates(30_000_000, [], 0, 0),
            Exchange = new Exchange(100, 108),
        };

        Assert.Equal(
            "2 in, 0.5 cached, 8 out for a million tokens, 0.01 for each request, 0.03 for a picture; above 1000 tokens in: 4 in, 4 cached, 16 out for a million tokens; 100 of its currency for 108 USD",
            PolicyText.Of(euros));
        Assert.StartsWith("2 USD in, 0.5 USD cached, 8 USD out for a million tokens, 0.01 USD for each request", PolicyText.Of(euros with { Exchange = Exchange.None }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_beyond_every_count_does_not_overflow() =>
        Assert.Equal(long.MaxValue / 4, Costs.Of(
            new Price(TokenRates.Of(0, 0)) { Units = new UnitRates(long.MaxValue, [], long.MaxValue, long.MaxValue) }, default, 10_000_000, units: new UnitCounts(long.MaxValue, "", "", long.MaxValue, long.MaxValue)));

    [Theory]
    [InlineData("\"images\":[{\"price\":\"1 USD\"}]", "images[0].size: is missing, and quality too")]
    [InlineData("\"images\":[{\"size\":\"a\",\"price\":\"1 USD\"},{\"size\":\"a\",\"price\":\"2 USD\"}]", "images: has two prices")]
    [InlineData("\"minute\":1", "minute: must be")]
    [InlineData("\"cachedInput\":\"1 USD\"", "input: is missing")]
    public void What_is_wrong_is_told_by_its_field(string field, string error) => Assert.Contains(
        Declared.Errors($$$"""{"kind":"Price","name":"wrong","entries":[{"model":"any",{{{field}}}}]}"""), told => told.StartsWith($"Price/wrong: entries[0].{error}", StringComparison.Ordinal));

    private static long Cost(string model, UnitCounts units) => Costs.Of(PriceOf(model), default, units: units);

    private static Price PriceOf(string model) => ((PriceResource)ResourceReader.Read(Encoding.UTF8.GetBytes(Table)).Resource!).Entries.Single(e => string.Equals(e.Model, model, StringComparison.Ordinal)).Price;
}
