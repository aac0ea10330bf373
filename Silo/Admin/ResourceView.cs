using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Resources as they are shown: as declared, but of a secret only its name, version and fingerprint.</summary>
internal static class ResourceView
{
    public static JsonElement Show(ResourceBody body)
    {
        var resource = JsonSerializer.Deserialize<JsonElement>(body.Json);
        if (!string.Equals(body.Kind, SecretResource.KindName, StringComparison.Ordinal))
        {
            return resource;
        }

        var shown = resource.EnumerateObject()
            .Where(f => f.Name is "kind" or "name" or "version" or "fingerprint")
            .ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);
        return JsonSerializer.SerializeToElement(shown);
    }

    /// <summary>What a change does to one resource.</summary>
    public static ChangeAnswer Compare(ResourceChange change, ResourceBody? before, ResourceBody? after) =>
        ChangeAnswer.Of(change) with { Before = before is null ? null : Show(before), After = after is null ? null : Show(after) };

    /// <summary>A resource in a list.</summary>
    public static ResourceItem Item(ResourceBody body) => new(body.Kind, body.Name, body.Hash, Show(body), Owners.Of(body));
}
