using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Canary</c>.</summary>
internal static class CanaryReader
{
    // What edges alone go by. Accounts, secrets and what services watch are one for all subjects.
    private static readonly ImmutableArray<string> Changed =
        [RouteResource.KindName, UpstreamResource.KindName, ModelResource.KindName, PromptResource.KindName, ProviderResource.KindName, PriceResource.KindName];

    public static Resource Read(string name, Fields fields)
    {
        var share = (int)fields.Number("share", 0, CanaryResource.Whole, 0);
        var by = fields.OneOf<CohortBy>("by", CohortBy.User);
        var put = fields.Resources("put");
        var remove = fields.Objects("remove", required: false, entry => new ResourceKey(entry.Text("kind"), entry.Text("name")));
        Check(fields, "put", put.Select(body => body.Kind));
        Check(fields, "remove", remove.Select(key => key.Kind));
        if (!fields.Has("put") && !fields.Has("remove"))
        {
            fields.Wrong("put", "is missing; say which resources are changed or added, or which are removed");
        }

        foreach (var key in put.Select(body => new ResourceKey(body.Kind, body.Name)).Concat(remove).GroupBy(key => key).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            fields.Wrong("put", $"{key} stands here twice, or is removed as well");
        }

        return new CanaryResource(name, share, by, put, remove);
    }

    private static void Check(Fields fields, string field, IEnumerable<string> kinds)
    {
        foreach (var (kind, i) in kinds.Select((kind, i) => (kind, i)))
        {
            if (kind.Length > 0 && !Changed.Contains(kind, StringComparer.Ordinal))
            {
                fields.Wrong(string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]"), $"a canary changes resources of the kinds {string.Join(", ", Changed)}; is a {kind}, which is one for all");
            }
        }
    }
}
