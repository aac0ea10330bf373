using Sluice.Revisions.Catalogue;
using Sluice.Revisions.Prices;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

public sealed class KnownModelTests
{
    [Fact]
    public void A_hundred_models_and_more_are_known_each_once_of_a_preset_with_its_page_and_most_with_a_price()
    {
        Assert.True(KnownModels.All.Length >= 100);
        Assert.Equal(KnownModels.All.Length, KnownModels.All.Select(m => (m.Provider, m.Model)).Distinct().Count());
        Assert.All(KnownModels.All, m =>
        {
            Assert.NotNull(ProviderPresets.Find(m.Provider));
            Assert.StartsWith("http", m.Source, StringComparison.Ordinal);
            Assert.True(m.Context > 0);
            Assert.Subset(KnownModels.AllFeatures.ToHashSet(StringComparer.Ordinal), m.Features.ToHashSet(StringComparer.Ordinal));
        });
        Assert.True(KnownModels.All.Count(m => m.Input is not null && m.Output is not null) >= 100);
    }

    [Fact]
    public void Those_that_are_asked_for_are_found()
    {
        Assert.All(KnownModels.Find("anthropic", "reasoning", "SONNET"), m => Assert.Equal(("anthropic", true), (m.Provider, m.Model.Contains("sonnet", StringComparison.Ordinal))));
        Assert.NotEmpty(KnownModels.Find("anthropic", "reasoning", "SONNET"));
        Assert.Equal(KnownModels.All, KnownModels.Find(null, null, null));
    }

    [Theory]
    [InlineData("openai", "gpt-4.1", "2 USD", "8 USD")]
    [InlineData("anthropic", "claude-haiku-4-5", "1 USD", "5 USD")]
    public void Prices_are_those_of_the_price_list(string provider, string model, string input, string output)
    {
        var known = Assert.Single(KnownModels.All, m => string.Equals(m.Provider, provider, StringComparison.Ordinal) && string.Equals(m.Model, model, StringComparison.Ordinal));
        Assert.Equal((input, output), (known.Input, known.Output));
        Assert.NotNull(ListedPrices.Table.Find(provider, model));
    }
}
