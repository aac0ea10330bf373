using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Finds caches that would give one caller what the upstream answered for another.</summary>
internal static class CacheSharing
{
    /// <summary>What is wrong, or null: a route that tells its upstream who asks keeps answers for no more than that.</summary>
    public static FieldError? Check(RouteResource route, CacheResource cache)
    {
        var told = route.Transforms is { } transforms && cache.Per is not CachePer.Key
            ? new[] { transforms.Path ?? "" }
                .Concat(Texts(transforms.RequestHeaders)).Concat(Texts(transforms.Query))
                .SelectMany(text => new[] { "{caller.key}", cache.Per is CachePer.Tenant ? "{caller.user}" : "{caller.key}" }.Where(name => text.Contains(name, StringComparison.Ordinal)))
                .FirstOrDefault()
            : null;
        return told is null ? null : new FieldError(
            $"{RouteResource.KindName}/{route.Name}: cache",
            $"keeps answers per {(cache.Per is CachePer.Tenant ? "tenant" : "user")}, but the upstream is told {told}, so that one caller could be given the answer to another; name a {CacheResource.KindName} with per: {(told is "{caller.key}" ? "key" : "user")}");
    }

    private static IEnumerable<string> Texts(NamedChanges changes) => changes.Set.Concat(changes.Add).Select(change => change.Text);
}
