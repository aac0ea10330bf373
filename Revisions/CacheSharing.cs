using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Finds caches that would give one caller what the upstream answered for another.</summary>
internal static class CacheSharing
{
    /// <summary>What is wrong, or null: no model says how long its answers are fresh, so its cache does.</summary>
    public static FieldError? Check(ModelResource model, CacheResource cache) => cache.Age is not null ? null : new FieldError(
        $"{ModelResource.KindName}/{model.Name}: cache", $"names the {CacheResource.KindName} '{cache.Name}', which has no age: models do not say for how long their answers are fresh; give it one, such as age: 1h");

    /// <summary>What is wrong, or null: a route that tells its upstream who asks keeps answers for no more than that.</summary>
    public static FieldError? Check(RouteResource route, CacheResource cache)
    {
        if (cache.Per is CachePer.Everyone)
        {
            return new FieldError(
                $"{RouteResource.KindName}/{route.Name}: cache",
                $"names the {CacheResource.KindName} '{cache.Name}', which is per: everyone, and only answers of models may be shared so; name one with per: tenant, user or key");
        }

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
