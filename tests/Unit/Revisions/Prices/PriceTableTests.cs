using System.Collections.Frozen;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Prices;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions.Prices;

public sealed class PriceTableTests
{
    private const string Provider = "{ kind: Provider, name: p, dialect: openai, address: \"http://a/v1\" }";
    private const long Money = 1_000_000_000;
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("big-one", 1)]
    [InlineData("big-other", 2)]
    [InlineData("bigger", 3)]
    [InlineData("small", 4)]
    public void The_most_special_entry_holds(string model, long dollars)
    {
        var plan = Compile($$"""
            { kind: Price, name: t, entries: [
              { model: "*", input: "9 USD" }, { provider: p, model: "*", input: "4 USD" }, { model: "big*", input: "3 USD" }, { model: "big-*", input: "2 USD" }, { model: big-one, input: "1 USD" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: {{model}} }], price: t }
            """);
        Assert.Equal(dollars * 1_000_000_000, PriceOf(plan).Rates.Input);
    }

    [Theory]
    [InlineData("2025-12-31", 1)]
    [InlineData("2026-01-01", 2)]
    [InlineData("2026-05-31", 2)]
    [InlineData("2026-06-01", 3)]
    [InlineData("2024-01-01", 1)]
    public void Each_entry_holds_from_its_day_on_and_the_first_before_it(string day, long dollars)
    {
        var plan = Compile("""
            { kind: Price, name: t, entries: [
              { model: x, from: 2026-06-01, input: "3 USD" }, { model: x, from: 2025-01-01, input: "1 USD" }, { model: x, from: 2026-01-01, input: "2 USD" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: x }], price: t }
            """);
        var at = new DateTimeOffset(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), new TimeOnly(0, 0), TimeSpan.Zero);
        Assert.Equal(dollars * 1_000_000_000, plan.Models["m"].Targets[0].Prices!.At(at).Rates.Input);
    }

    [Fact]
    public void Kinds_without_a_price_cost_as_the_whole_that_they_are_a_part_of()
    {
        var plan = Compile("""
            { kind: Price, name: t, entries: [{ model: x, input: "2 USD", output: "8 USD", cacheWrite: "3 USD", outputAudio: "9 USD" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: x }], price: t }
            """);
        Assert.Equal(new TokenRates(2, 2, 3, 2, 2, 8, 8, 9), InDollars(PriceOf(plan).Rates));
    }

    [Fact]
    public void A_table_in_another_currency_is_exchanged_and_marked_up_for_the_tenant()
    {
        var plan = Compile("""
            { kind: Price, name: t, currency: EUR, exchange: { units: 100, dollars: 108 }, markUp: { all: 50000, tenants: { acme: 100000 } }, entries: [{ model: x, input: "100 EUR" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: x }], price: t }
            """);
        var prices = plan.Models["m"].Targets[0].Prices!;
        var million = new TokenCounts { Input = 1_000_000 };
        Assert.Equal(108_000_000_000, Costs.Of(prices.At(Now), million));
        Assert.Equal(118_800_000_000, Costs.Of(prices.At(Now), million, prices.MarkUpOf("acme")));
        Assert.Equal(113_400_000_000, Costs.Of(prices.At(Now), million, prices.MarkUpOf("other")));
        Assert.Equal(50_000, prices.MarkUpOf(null));
    }

    [Fact]
    public void A_settlement_names_the_table_and_the_revision_and_of_the_list_its_own_version()
    {
        var plan = Compile("""
            { kind: Price, name: t, entries: [{ model: x, input: "1 USD" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: x }], price: t }
            ---
            { kind: Model, name: own, targets: [{ provider: p, model: x }], price: { input: "1 USD" } }
            ---
            { kind: Provider, name: openai, dialect: openai, address: "https://api.openai.com/v1" }
            ---
            { kind: Model, name: listed, targets: [{ provider: openai, model: gpt-4o-mini }] }
            """);
        Assert.Equal("t@7", plan.Models["m"].Targets[0].Prices!.NameUnder(7));
        Assert.Equal("t@8", plan.Models["m"].Targets[0].Prices!.NameUnder(8));
        Assert.Equal("Model/own@7", plan.Models["own"].Targets[0].Prices!.NameUnder(7));
        Assert.Equal($"list@{ListedPrices.Version}", plan.Models["listed"].Targets[0].Prices!.NameUnder(7));
    }

    [Fact]
    public void Without_a_declared_price_the_list_holds_at_the_providers_own_address_alone()
    {
        const string Models = """
            ---
            { kind: Model, name: m, targets: [{ provider: openai, model: gpt-4o-mini }, { provider: openai, model: unheard-of }] }
            ---
            { kind: Model, name: none, targets: [{ provider: openai, model: gpt-4o-mini }], price: none }
            ---
            { kind: Model, name: asked, targets: [{ provider: openai, model: gpt-4o-mini }], price: list }
            """;
        var own = Compile($"{{ kind: Provider, name: openai, dialect: openai, address: \"https://api.openai.com/v1\" }}\n{Models}");
        Assert.Equal((150_000_000, 75_000_000, 600_000_000), Plain(own.Models["m"].Targets[0].Prices!.At(Now).Rates));
        Assert.Null(own.Models["m"].Targets[1].Prices);
        Assert.Null(own.Models["none"].Targets[0].Prices);

        var other = Compile($"{{ kind: Provider, name: openai, dialect: openai, address: \"http://10.0.0.1/v1\" }}\n{Models}");
        Assert.Null(other.Models["m"].Targets[0].Prices);
        Assert.Equal((150_000_000, 75_000_000, 600_000_000), Plain(other.Models["asked"].Targets[0].Prices!.At(Now).Rates));
    }

    [Fact]
    public void A_table_that_includes_the_list_has_its_own_entries_first_and_its_mark_up_on_all()
    {
        var plan = Compile("""
            { kind: Provider, name: cloud, dialect: openai, address: "https://api.openai.com/v1" }
            ---
            { kind: Price, name: t, includes: list, markUp: { all: 100000 }, entries: [{ provider: cloud, model: gpt-4o, input: "1 USD" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: cloud, model: gpt-4o }, { provider: cloud, model: gpt-4o-mini }], price: t }
            """);
        var targets = plan.Models["m"].Targets;
        Assert.Equal(1_000_000_000, targets[0].Prices!.At(Now).Rates.Input);
        Assert.Equal(150_000_000, targets[1].Prices!.At(Now).Rates.Input);
        Assert.Equal((100_000, "t@3"), (targets[1].Prices!.MarkUpOf("acme"), targets[1].Prices!.NameUnder(3)));
    }

    [Theory]
    [InlineData("price: nowhere", "Model/m: price: there is no Price 'nowhere'")]
    [InlineData("price: t", "Model/m: targets[0].model: Price 't' has no price for 'x' of provider 'p'")]
    [InlineData("price: list", "Model/m: targets[0].model: the shipped price list has no price for 'x' of provider 'p'")]
    public void A_target_without_the_price_that_it_is_to_have_is_an_error(string price, string error)
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($$"""
            {{Provider}}
            ---
            { kind: Price, name: t, entries: [{ model: y, input: "1 USD" }] }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: x }], {{price}} }
            """)).Errors;
        var found = Assert.Single(errors);
        Assert.StartsWith(error, $"{found.Path}: {found.Message}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "name":"list","entries":[{"model":"x","input":"1 USD"}] """, "name: 'list' has a meaning of its own")]
    [InlineData(""" "name":"t" """, "entries: is missing")]
    [InlineData(""" "name":"t","currency":"EUR","entries":[{"model":"x","input":"1 EUR"}] """, "exchange: is missing: money is counted in US dollars")]
    [InlineData(""" "name":"t","currency":"EUR","exchange":{"units":1,"dollars":2},"entries":[{"model":"x","input":"1 USD"}] """, "entries[0].input: must be an amount such as \"0.15 EUR\"")]
    [InlineData(""" "name":"t","currency":"EUR","exchange":{"units":0,"dollars":2},"entries":[{"model":"x","input":"1 EUR"}] """, "exchange.units: must be a whole number from 1 to 1000000")]
    [InlineData(""" "name":"t","exchange":{"units":1,"dollars":2},"entries":[{"model":"x","input":"1 USD"}] """, "exchange: has no effect")]
    [InlineData(""" "name":"t","currency":"euro","entries":[{"model":"x","input":"1 USD"}] """, "currency: must be three capital letters")]
    [InlineData(""" "name":"t","entries":[{"model":"a*b","input":"1 USD"}] """, "entries[0].model: may have one * at its end alone")]
    [InlineData(""" "name":"t","entries":[{"model":"x","from":"1.2.2026","input":"1 USD"}] """, "entries[0].from: must be a day such as 2026-01-31")]
    [InlineData(""" "name":"t","entries":[{"model":"x","input":"1 USD"},{"model":"x","input":"2 USD"}] """, "entries[1]: is for the same provider, model and first day")]
    [InlineData(""" "name":"t","entries":[{"model":"x","input":"1 USD","tiers":[{"above":5,"input":"1 USD"},{"above":5,"input":"2 USD"}]}] """, "entries[0].tiers: has two tiers above the same number")]
    [InlineData(""" "name":"t","entries":[{"model":"x","input":"1 USD","batchFactor":1000001}] """, "entries[0].batchFactor: must be a whole number from 0 to 1000000")]
    [InlineData(""" "name":"t","markUp":{"tenants":{"acme":"10%"}},"entries":[{"model":"x","input":"1 USD"}] """, "markUp.tenants.acme: must be a whole number from -1000000")]
    [InlineData(""" "name":"t","includes":"lists","entries":[{"model":"x","input":"1 USD"}] """, "includes: must be list")]
    public void What_is_wrong_in_a_table_is_told(string fields, string error)
    {
        var found = Assert.Single(Declared.Errors($$"""{"kind":"Price",{{fields}}}"""));
        Assert.Contains($": {error}", found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-4o-mini-2024-07-18", Vocabulary.O200kBase)]
    [InlineData("openai/gpt-5", Vocabulary.O200kBase)]
    [InlineData("gpt-5.1", Vocabulary.O200kBase)]
    [InlineData("gpt-4-turbo", Vocabulary.Cl100kBase)]
    [InlineData("text-embedding-3-small", Vocabulary.Cl100kBase)]
    [InlineData("o1", Vocabulary.O200kBase)]
    [InlineData("o1x", Vocabulary.None)]
    [InlineData("llama-3.3-70b", Vocabulary.None)]
    public void A_vocabulary_is_known_by_the_models_name(string model, Vocabulary vocabulary) => Assert.Equal(vocabulary, Vocabularies.Of(model));

    [Fact]
    public void A_declared_vocabulary_is_the_models()
    {
        var plan = Compile("{ kind: Model, name: m, targets: [{ provider: p, model: gpt-4o }], tokenizer: none }");
        Assert.Equal(Vocabulary.None, plan.Models["m"].Targets[0].Vocabulary);
    }

    [Fact]
    public void The_list_knows_a_provider_by_its_address_whatever_it_is_called()
    {
        var provider = Compile(Provider.Replace("http://a/v1", "https://api.x.ai/v1", StringComparison.Ordinal)).Providers["p"];
        Assert.Equal("xai", ListedPrices.VendorOf(provider));
        Assert.Equal((1_250_000_000, 200_000_000, 2_500_000_000), Plain(ListedPrices.Find(provider, "grok-4.3", byName: false)!.At(Now).Rates));
        Assert.Null(ListedPrices.Find(provider, "gpt-4o", byName: true));
    }

    [Fact]
    public void A_period_is_rated_anew_attempt_by_attempt_and_what_the_table_does_not_know_stays()
    {
        var plan = Compile("""
            { kind: Price, name: t, markUp: { tenants: { acme: 100000 } }, entries: [
              { provider: p, model: x, input: "1 USD", batchFactor: 500000, tiers: [{ above: 100, input: "2 USD" }] }, { provider: p, model: x, from: 2026-06-01, input: "3 USD" }] }
            """);
        var rerating = new Rerating(plan.Prices["t"], plan.Providers);
        var before = Now.AddDays(-1);
        Assert.Equal(55_000, rerating.Rate(Attempt("acme", before, 50)));
        Assert.Equal(222_200, rerating.Rate(Attempt("acme", before, 101)));
        Assert.Equal(165_000, rerating.Rate(Attempt("acme", Now, 50)));
        Assert.Equal(25_000, rerating.Rate(Attempt("other", before, 50) with { IsBatch = true }));
        Assert.Equal(1_000, rerating.Rate(Attempt("acme", Now, 50) with { Target = "gone/x" }));
        Assert.Equal(
            [new("acme", "gone/x", 1, 1_000, 1_000, false), new("acme", "p/x", 3, 3_000, 442_200, true), new("other", "p/x", 1, 1_000, 25_000, true)],
            rerating.Targets);
        Assert.Equal(439_200, rerating.Targets[1].Difference);
    }

    [Fact]
    public void A_period_can_be_rated_by_the_list()
    {
        var rerating = new Rerating(ListedPrices.AsTable, FrozenDictionary<string, ProviderResource>.Empty);
        Assert.Equal(150_000, rerating.Rate(Attempt("acme", Now, 1_000) with { Target = "openai/gpt-4o-mini" }));
    }

    private static RatedAttempt Attempt(string tenant, DateTimeOffset at, long input) => new(tenant, at, "p/x", new TokenCounts { Input = input }, IsBatch: false, 1_000);

    private static Plan Compile(string bundle)
    {
        var compiled = RevisionCompiler.Compile(Declared.Bodies(bundle.Contains("name: p,", StringComparison.Ordinal) ? bundle : $"{Provider}\n---\n{bundle}"));
        Assert.Empty(compiled.Errors);
        return compiled.Plan!;
    }

    private static Price PriceOf(Plan plan) => plan.Models["m"].Targets[0].Prices!.At(Now);

    private static (long Input, long Cached, long Output) Plain(TokenRates rates) => (rates.Input, rates.CachedInput, rates.Output);

    private static TokenRates InDollars(TokenRates rates) => new(
        rates.Input / Money, rates.CachedInput / Money, rates.CacheWrite / Money, rates.InputImage / Money, rates.InputAudio / Money, rates.Output / Money, rates.Reasoning / Money, rates.OutputAudio / Money);
}
