using System.Text.Json;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Model</c>.</summary>
internal static class ModelReader
{
    public static Resource Read(string name, Fields fields)
    {
        var strategy = fields.OneOf<TargetStrategy>("strategy", TargetStrategy.Weighted);
        var targets = fields.Objects("targets", required: true, item => ReadTarget(item, strategy));
        if (strategy is TargetStrategy.Weighted && targets.Length > 0 && targets.All(t => t.Weight == 0))
        {
            fields.Wrong("targets", "has no weight above 0; at least one target must be asked");
        }

        return new ModelResource(
            name,
            strategy,
            targets,
            (int)fields.Number("maxOutputTokens", 1, 10_000_000, 4096),
            fields.Has("contextTokens") ? (int)fields.Number("contextTokens", 1, 100_000_000, 0) : null,
            ReadPricing(fields),
            ReadTokenizer(fields));
    }

    private static ModelTarget ReadTarget(Fields fields, TargetStrategy strategy)
    {
        var target = new ModelTarget(
            fields.Text("provider"),
            fields.Text("model"),
            (int)fields.Number("weight", 0, 1_000_000, 1),
            (int)fields.Number("priority", 1, 1_000_000, 1));
        var idle = strategy is TargetStrategy.Weighted ? "priority" : "weight";
        if (fields.Has(idle))
        {
            fields.Wrong(idle, $"has no effect with strategy {(strategy is TargetStrategy.Weighted ? "weighted" : "priority")}; leave it out");
        }

        return target;
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
