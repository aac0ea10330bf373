using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads the <c>for</c> of policies: <c>{ model: gpt-4o-mini }</c> or <c>{ route: checkout }</c>.</summary>
internal static class ForReader
{
    public static PolicyFor Read(Fields fields)
    {
        if (fields.Object("for") is not { } inner)
        {
            return default;
        }

        var (model, route) = (inner.TextOrNull("model"), inner.TextOrNull("route"));
        if ((model is null) == (route is null))
        {
            fields.Wrong("for", "must have exactly one of model and route");
        }

        inner.Close();
        return model is not null ? new PolicyFor(model) : route is not null ? PolicyFor.Route(route) : default;
    }
}
