using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads the <c>for</c> of policies: <c>{ model: gpt-4o-mini }</c>, <c>{ route: checkout }</c> or <c>{ product: premium }</c>.</summary>
internal static class ForReader
{
    public static PolicyFor Read(Fields fields)
    {
        if (fields.Object("for") is not { } inner)
        {
            return default;
        }

        var (model, route, product) = (inner.TextOrNull("model"), inner.TextOrNull("route"), inner.TextOrNull("product"));
        if (new[] { model, route, product }.Count(name => name is not null) != 1)
        {
            fields.Wrong("for", "must have exactly one of model, route and product");
        }

        inner.Close();
        return route is not null ? PolicyFor.Route(route) : new PolicyFor(model, product);
    }
}
