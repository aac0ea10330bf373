using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Model</c>.</summary>
internal static class ModelReader
{
    public static Resource Read(string name, Fields fields)
    {
        var strategy = fields.OneOf<TargetStrategy>("strategy", TargetStrategy.Weighted);
        var targets = fields.Objects("targets", required: true, item => ReadTarget(item, strategy));
        return new ModelResource(
            name,
            strategy,
            targets,
            (int)fields.Number("maxOutputTokens", 1, 10_000_000, 4096),
            fields.Has("contextTokens") ? (int)fields.Number("contextTokens", 1, 100_000_000, 0) : null,
            ReadPrice(fields));
    }

    private static ModelTarget ReadTarget(Fields fields, TargetStrategy strategy)
    {
        var target = new ModelTarget(
            fields.Text("provider"),
            fields.Text("model"),
            (int)fields.Number("weight", 1, 1_000_000, 1),
            (int)fields.Number("priority", 1, 1_000_000, 1));
        var idle = strategy is TargetStrategy.Weighted ? "priority" : "weight";
        if (fields.Has(idle))
        {
            fields.Wrong(idle, $"has no effect with strategy {(strategy is TargetStrategy.Weighted ? "weighted" : "priority")}; leave it out");
        }

        return target;
    }

    private static Price? ReadPrice(Fields fields)
    {
        if (fields.Object("price") is not { } inner)
        {
            return null;
        }

        var input = Money.Read(inner, "input", least: 0);
        var price = new Price(input, inner.Has("cachedInput") ? Money.Read(inner, "cachedInput", least: 0) : input, Money.Read(inner, "output", least: 0));
        inner.Close();
        return price;
    }
}
