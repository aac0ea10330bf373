using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads what a <c>Model</c> says of its targets.</summary>
internal static class TargetReader
{
    private static readonly (string Name, ModelFeatures Feature)[] Features = [("text", ModelFeatures.None), ("tools", ModelFeatures.Tools), ("vision", ModelFeatures.Vision), ("jsonSchema", ModelFeatures.JsonSchema)];

    /// <summary>Whether targets have weights.</summary>
    public static bool HasWeights(TargetStrategy strategy) => strategy is TargetStrategy.Weighted or TargetStrategy.Sticky;

    /// <summary>Reads one target.</summary>
    public static ModelTarget Read(Fields fields, TargetStrategy strategy)
    {
        var target = new ModelTarget(
            fields.Text("provider"),
            fields.Text("model"),
            (int)fields.Number("weight", 0, 1_000_000, 1),
            (int)fields.Number("priority", 1, 1_000_000, 1))
        {
            Supports = ReadFeatures(fields),
            ContextTokens = fields.Has("contextTokens") ? (int)fields.Number("contextTokens", 1, 100_000_000, 0) : null,
        };
        RefuseIdle(fields, "weight", HasWeights(strategy), strategy);
        RefuseIdle(fields, "priority", strategy is TargetStrategy.Priority, strategy);
        return target;
    }

    /// <summary>Reads what keeps a caller on one target.</summary>
    public static TargetSticky? ReadSticky(Fields fields, TargetStrategy strategy)
    {
        if (strategy is not TargetStrategy.Sticky)
        {
            RefuseIdle(fields, "sticky", isOfUse: false, strategy);
            return null;
        }

        if (fields.Object("sticky") is not { } inner)
        {
            return new TargetSticky(TargetStickyBy.User, null);
        }

        var by = inner.OneOf<TargetStickyBy>("by", fallback: null);
        var name = inner.TextOrNull("name", required: by is TargetStickyBy.Header);
        if (by is not TargetStickyBy.Header && name is not null)
        {
            inner.Wrong("name", $"has no effect with by: {Fields.Spell(by)}; leave it out");
        }

        inner.Close();
        return new TargetSticky(by, name);
    }

    private static ModelFeatures ReadFeatures(Fields fields)
    {
        if (!fields.Has("supports"))
        {
            return ModelFeatures.All;
        }

        var supports = ModelFeatures.None;
        var texts = fields.Texts("supports");
        for (var i = 0; i < texts.Length; i++)
        {
            var known = Features.FirstOrDefault(f => string.Equals(f.Name, texts[i], StringComparison.Ordinal));
            if (known.Name is null)
            {
                var names = Features.Select(f => f.Name).ToArray();
                fields.Wrong($"supports[{i}]", $"must be one of {string.Join(", ", names)}; is '{texts[i]}'{Names.Suggest(texts[i], names)}");
            }

            supports |= known.Feature;
        }

        return supports;
    }

    private static void RefuseIdle(Fields fields, string field, bool isOfUse, TargetStrategy strategy)
    {
        if (!isOfUse && fields.Has(field))
        {
            fields.Wrong(field, $"has no effect with strategy {Fields.Spell(strategy)}; leave it out");
        }
    }
}
