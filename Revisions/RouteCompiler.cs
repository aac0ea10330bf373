using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Settings;

namespace Sluice.Revisions;

/// <summary>Compiles routes: resolves what they refer to in their revision.</summary>
internal static class RouteCompiler
{
    private static readonly string[] BuiltIn = ["/v1/chat/completions", "/v1/embeddings", "/v1/models", "/v1/messages", "/v1/responses", "/v1/prompts", "/v1/openapi.json", "/v1beta/models"];

    /// <summary>Compiles one route against the upstreams, caches, products and flags of its revision; what is wrong goes to <paramref name="errors"/>.</summary>
    public static CompiledRoute Compile(
        RouteResource route, FrozenDictionary<string, UpstreamResource> upstreams, FrozenDictionary<string, CacheResource> caches, ProductTable products, SettingsTable settings, ImmutableArray<FieldError>.Builder errors)
    {
        if (products.OfRoute(route.Name) is [var product, ..] && route.Access is not RouteAccess.Key)
        {
            errors.Add(new FieldError($"{RouteResource.KindName}/{route.Name}: access", $"must be key: the product '{product}' has this route for its subscribers alone, and only a key tells who asks"));
        }

        var parts = ImmutableArray.CreateBuilder<UpstreamResource>();
        for (var i = 0; i < route.Split.Length; i++)
        {
            if (Find("split", i, route.Split[i].Upstream) is { } upstream)
            {
                parts.Add(upstream);
            }
        }

        var mirrors = ImmutableArray.CreateBuilder<CompiledMirror>();
        for (var i = 0; i < route.Mirrors.Length; i++)
        {
            if (Find("mirrors", i, route.Mirrors[i].Upstream) is { } upstream)
            {
                mirrors.Add(new CompiledMirror(upstream, route.Mirrors[i].Percent / 100.0));
            }
        }

        if (BuiltIn.Contains(route.Match.Path, StringComparer.Ordinal))
        {
            errors.Add(new FieldError($"{RouteResource.KindName}/{route.Name}: match.path", $"'{route.Match.Path}' is served by Sluice itself; this route would never be reached"));
        }

        var cache = route.Cache is { } named ? PlanBuilder.Resolve(caches, CacheResource.KindName, named, $"{RouteResource.KindName}/{route.Name}: cache", errors) : null;
        if (cache is not null && CacheSharing.Check(route, cache) is { } shared)
        {
            errors.Add(shared);
        }

        return new CompiledRoute(route, parts.ToImmutable())
        {
            Cache = cache,
            Offer = Offer.Of(route.Lifecycle, products.OfRoute(route.Name)),
            Mirrors = mirrors.ToImmutable(),
            When = route.Match.When is { } when ? Test(route, when, settings, errors) : null,
        };

        UpstreamResource? Find(string list, int index, string name) => PlanBuilder.Resolve(upstreams, UpstreamResource.KindName, name, PlanBuilder.Path(route, list, index, "upstream"), errors);
    }

    private static FlagTest? Test(RouteResource route, FlagCondition when, SettingsTable settings, ImmutableArray<FieldError>.Builder errors)
    {
        var path = $"{RouteResource.KindName}/{route.Name}: match.when";
        if (settings.Flag(when.Flag) is not { } flag)
        {
            errors.Add(new FieldError($"{path}.flag", $"there is no {FlagResource.KindName} '{when.Flag}'{Names.Suggest(when.Flag, settings.FlagNames)}"));
            return null;
        }

        if (IsTruth(flag.Resource.Default) != IsTruth(when.Is) || (!IsTruth(when.Is) && flag.Resource.Default.ValueKind != when.Is.ValueKind))
        {
            errors.Add(new FieldError($"{path}.is", $"must be of the type of the flag '{when.Flag}', whose default is {flag.Resource.Default.GetRawText()}; is {when.Is.GetRawText()}"));
        }

        return new FlagTest(flag, when);
    }

    private static bool IsTruth(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;
}
