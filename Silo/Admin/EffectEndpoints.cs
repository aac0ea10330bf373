using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>How requests went before and after a revision; described in docs/monitoring.md.</summary>
internal static class EffectEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/revisions/{revision:long}/effect", GetAsync)
        .Declare(AdminRole.Viewer, "get-revision-effect", "How requests went in the five minutes before and after a revision, over all edges.")
        .WithTags("Revisions").Produces<EffectAnswer>().Refuses(404);

    private static async Task<IResult> GetAsync(IGrainFactory grains, long revision)
    {
        if (revision < 1 || revision > (await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetHeadAsync()).Revision)
        {
            return RevisionEndpoints.NoRevision(revision);
        }

        return await grains.GetGrain<IEffectGrain>(AdminApi.Workspace).FindAsync(revision) is { } effect
            ? Results.Json(EffectAnswer.Of(effect), AdminJson.Options)
            : Problem.NotFound(string.Create(
                CultureInfo.InvariantCulture, $"Nothing is known of the effect of revision {revision}: no edge has told that it runs it, or it is older than those that are kept."));
    }
}
