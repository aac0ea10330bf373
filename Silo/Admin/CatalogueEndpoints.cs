using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Catalogue;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Models that are known, and the day as of which that was so.</summary>
public sealed record KnownModelList(DateOnly AsOf, ImmutableArray<KnownModel> Items);

/// <summary>The catalogue of models that Sluice is shipped with.</summary>
internal static class CatalogueEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/catalogue", List)
        .Declare(
            AdminRole.Viewer,
            "list-known-models",
            "Models of providers that are known beforehand: context, features and prices, as they were on the day that is told.",
            new("provider", "string", "Only those of this preset."),
            new("feature", "string", $"Only those that can do this: {string.Join(", ", KnownModels.AllFeatures)}."),
            new("name", "string", "Only those whose name holds this."))
        .WithTags(ModelResource.KindName)
        .Produces<KnownModelList>()
        .Refuses(400);

    private static IResult List(HttpContext http)
    {
        var query = new QueryReader(http.Request);
        var (provider, feature) = (query.Text("provider"), query.Text("feature"));
        if (provider is not null && ProviderPresets.Find(provider) is null)
        {
            query.Wrong("provider", Unknown.Say("preset", provider, [.. ProviderPresets.All.Select(p => p.Name)]));
        }

        if (feature is not null && !KnownModels.AllFeatures.Contains(feature, StringComparer.Ordinal))
        {
            query.Wrong("feature", Unknown.Say("feature", feature, KnownModels.AllFeatures));
        }

        return query.Problem is { } wrong ? wrong : Results.Json(new KnownModelList(KnownModels.AsOf, [.. KnownModels.Find(provider, feature, query.Text("name"))]), AdminJson.Options);
    }
}
