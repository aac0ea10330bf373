using System.Globalization;
using Sluice.Edge.Targets;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.WhatIf;
using Sluice.Tests.Unit.Edge.Targets;

namespace Sluice.Tests.Unit.WhatIf;

/// <summary>What explanations say of targets is what edges choose.</summary>
public sealed class TargetOddsTests
{
    private const string TokensOfA = """input: "1 USD", output: "8 USD", """;
    private const string TokensOfB = """input: "2 USD", output: "4 USD", """;

    private const string Prices = $$"""
        strategy: cheapest
        targets: [{ provider: a, model: a }, { provider: b, model: b }]
        price: p
        ---
        kind: Price
        name: p
        entries:
          - { provider: a, model: a, {{TokensOfA}}image: "0.05 USD", images: [{ size: 1x1, price: "0.01 USD" }], minute: "0.006 USD", characters: "15 USD" }
          - { provider: b, model: b, {{TokensOfB}}image: "0.02 USD", minute: "0.009 USD", characters: "10 USD" }
        """;

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(Surface.Chat, 100_000, 10, "a", "0.100096 USD")]
    [InlineData(Surface.Chat, 100, 10_000, "b", "0.040232 USD")]
    [InlineData(Surface.Embeddings, 984, null, "a", "0.001 USD")]
    public void Of_the_cheapest_strategy_the_target_is_the_one_for_which_the_request_costs_least(Surface surface, long bytes, int? maxTokens, string target, string cost)
    {
        var (chosen, told) = Cheapest(surface, new DescribedUse(bytes, maxTokens));
        Assert.Equal((target, cost), (chosen, told));
    }

    [Fact]
    public void Pictures_minutes_and_characters_decide_where_they_are_what_is_priced()
    {
        // The bound of a picture's tokens is dearer than the picture; without a price of tokens the units alone count.
        var units = Prices.Replace(TokensOfA, "", StringComparison.Ordinal).Replace(TokensOfB, "", StringComparison.Ordinal);

        Assert.Equal(("b", "0.06 USD"), Cheapest(Surface.ImageGenerations, new DescribedUse(null, Pictures: 3), units));
        Assert.Equal(("a", "0.03 USD"), Cheapest(Surface.ImageGenerations, new DescribedUse(null, Pictures: 3, Size: "1x1", Quality: "low"), units));
        Assert.Equal(("a", "0.009 USD"), Cheapest(Surface.Transcriptions, new DescribedUse(null, Seconds: 90), units));
        Assert.Equal(("a", "0.0061 USD"), Cheapest(Surface.Transcriptions, new DescribedUse(60 * 750), units));
        Assert.Equal(("b", "0.01 USD"), Cheapest(Surface.Speech, new DescribedUse(null, Characters: 1_000), units));
    }

    [Fact]
    public void Without_what_would_decide_it_the_shares_are_those_of_the_weights()
    {
        var model = Models.Compile(Prices);
        Assert.Equal([0.5, 0.5], TargetOdds.Of(model, _ => true, null, null));
        Assert.False(new DescribedUse(null).BoundsOf(model.Resource, Surface.Chat).IsKnown);
        Assert.Null(new DescribedUse(null).BoundsOf(model.Resource, Surface.Transcriptions).CostOf(model.Targets[0], Now, null));
        Assert.Equal([0, 1], TargetOdds.Of(model, t => t.Label is "b/b", _ => null, null));
    }

    [Fact]
    public void Who_is_kept_on_a_target_is_foretold_as_edges_choose()
    {
        var model = Models.OfThree("sticky", a: ", weight: 3", c: ", weight: 0");
        var met = new HashSet<int>();
        for (var user = 0; user < 200; user++)
        {
            var value = user.ToString(CultureInfo.InvariantCulture);
            var chosen = TargetChoice.Choose(model, Models.States(), 0b111, new ChoiceBasis(0.5, value, null, IsStream: false, default));
            Assert.Equal(chosen, TargetOdds.Of(model, _ => true, null, value).IndexOf(1));
            met.Add(chosen);
        }

        Assert.Equal([0, 1], met.Order());
        Assert.Equal("ada", TargetOdds.StickyValueOf(model, "ada", "k", null));
        Assert.Equal("k", TargetOdds.StickyValueOf(model, null, "k", null));
    }

    private static (string Target, string Cost) Cheapest(Surface surface, DescribedUse use, string lines = Prices)
    {
        var model = Models.Compile(lines);
        var bounds = use.BoundsOf(model.Resource, surface);
        long? CostOf(CompiledTarget target) => bounds.CostOf(target, Now, "acme");
        var target = model.Targets[TargetOdds.Of(model, _ => true, CostOf, null).IndexOf(1)];

        // Edges compare the same figures.
        var costs = model.Targets.Select(t => CostOf(t) ?? long.MaxValue).ToArray();
        Assert.Same(target, model.Targets[TargetChoice.Choose(model, Models.States(), 0b11, new ChoiceBasis(0.5, null, costs, IsStream: false, default))]);
        return (target.Provider.Name, PolicyText.Amount(CostOf(target)!.Value, Sluice.Revisions.Resources.BudgetUnit.Money));
    }
}
