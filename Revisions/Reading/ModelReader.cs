using System.Globalization;
using System.Text.Json;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Model</c>.</summary>
internal static class ModelReader
{
    private const int MostTargets = 64;

    public static Resource Read(string name, Fields fields)
    {
        var strategy = fields.OneOf<TargetStrategy>("strategy", TargetStrategy.Weighted);
        var targets = fields.Objects("targets", required: true, item => TargetReader.Read(item, strategy));
        if (TargetReader.HasWeights(strategy) && targets.Length > 0 && targets.All(t => t.Weight == 0))
        {
            fields.Wrong("targets", "has no weight above 0; at least one target must be asked");
        }

        if (targets.Length > MostTargets)
        {
            fields.Wrong("targets", string.Create(CultureInfo.InvariantCulture, $"has {targets.Length} entries; at most {MostTargets} are taken"));
        }

        foreach (var twice in targets.GroupBy(t => (t.Provider, t.Model)).Where(g => g.Key.Provider.Length > 0 && g.Count() > 1 && strategy is not (TargetStrategy.Weighted or TargetStrategy.Priority)))
        {
            fields.Wrong("targets", $"names '{twice.Key.Provider}/{twice.Key.Model}' twice; strategy {Fields.Spell(strategy)} cannot tell one from the other");
        }

        var attempts = (int)fields.Number("attempts", 1, 10, 3);
        var (hedgeAfter, hedgeWholeAfter) = ReadHedge(fields, targets.Length, attempts);
        return new ModelResource(
            name,
            strategy,
            targets,
            (int)fields.Number("maxOutputTokens", 1, 10_000_000, 4096),
            fields.Has("contextTokens") ? (int)fields.Number("contextTokens", 1, 100_000_000, 0) : null,
            ReadPricing(fields),
            ReadTokenizer(fields))
        {
            Lifecycle = LifecycleReader.Read(fields, ofRoute: false),
            Sticky = TargetReader.ReadSticky(fields, strategy),
            Attempts = attempts,
            Cache = fields.TextOrNull("cache"),
            Timeouts = ReadTimeouts(fields),
            HedgeAfter = hedgeAfter,
            HedgeWholeAfter = hedgeWholeAfter,
            LogBodies = BodyLoggingReader.Read(fields),
        };
    }

    private static (TimeSpan? Stream, TimeSpan? Whole) ReadHedge(Fields fields, int targets, int attempts)
    {
        if (fields.Object("hedge") is not { } inner)
        {
            return default;
        }

        if (targets == 1)
        {
            fields.Wrong("hedge", "has no effect with one target; leave it out");
        }

        if (attempts == 1)
        {
            fields.Wrong("hedge", "has no effect with attempts: 1; leave it out");
        }

        var (after, whole) = (Read("after", required: !inner.Has("wholeAfter")), Read("wholeAfter", required: false));
        inner.Number("most", 1, 1, 1);
        inner.Close();
        return (after, whole);

        TimeSpan? Read(string name, bool required) => inner.TextOrNull(name, required) is null ? null : inner.Time(name, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
    }

    private static ModelTimeouts ReadTimeouts(Fields fields)
    {
        if (fields.Object("timeouts") is not { } inner)
        {
            return ModelTimeouts.Defaults;
        }

        var (least, most) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(24));
        var timeouts = new ModelTimeouts(
            inner.Has("firstToken") ? inner.Time("firstToken", least, most, most) : null,
            inner.Has("betweenTokens") ? inner.Time("betweenTokens", least, most, most) : null,
            inner.Time("whole", least, most, ModelTimeouts.Defaults.Whole));
        inner.Close();
        return timeouts;
    }

    private static Vocabulary? ReadTokenizer(Fields fields)
    {
        var text = fields.TextOrNull("tokenizer");
        Vocabulary? known = text switch
        {
            "o200k_base" => Vocabulary.O200kBase,
            "cl100k_base" => Vocabulary.Cl100kBase,
            "none" => Vocabulary.None,
            _ => null,
        };
        if (text is not null && known is null)
        {
            fields.Wrong("tokenizer", $"must be one of o200k_base, cl100k_base, none; is '{text}'");
        }

        return known;
    }

    private static ModelPricing ReadPricing(Fields fields)
    {
        if (!fields.Has("price"))
        {
            return ModelPricing.Undeclared;
        }

        if (fields.Any("price", "list, none, the name of a Price, or a price's fields", JsonValueKind.String, JsonValueKind.Object) is { ValueKind: JsonValueKind.String })
        {
            var text = fields.Text("price");
            return text switch
            {
                PriceResource.List => new ModelPricing(PricingSource.List),
                PriceResource.None => new ModelPricing(PricingSource.None),
                _ => new ModelPricing(PricingSource.Table, text),
            };
        }

        if (fields.Object("price") is not { } inner)
        {
            return ModelPricing.Undeclared;
        }

        var price = PriceReader.ReadPrice(inner, "USD", Exchange.None);
        inner.Close();
        return new ModelPricing(PricingSource.Own, Price: price);
    }
}
