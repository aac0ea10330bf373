using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>What is done with a canary beyond declaring it.</summary>
internal static class CanaryEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/canaries/{name}/accept", AcceptAsync)
        .Declare(
            AdminRole.Operator,
            "accept-canary",
            "Makes a canary's change hold for all and removes the canary, as one revision.",
            ApplyEndpoints.DryRun,
            ApplyEndpoints.TakeOver,
            ApplyEndpoints.Reason,
            ApplyEndpoints.Wait,
            ApplyEndpoints.PublishId)
        .WithTags(CanaryResource.KindName)
        .Produces<ApplyAnswer>()
        .Refuses(400, 404, 409);

    private static async Task<IResult> AcceptAsync(HttpContext http, IGrainFactory grains, string name)
    {
        var query = new QueryReader(http.Request);
        var change = ChangeQuery.Read(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        // The head is read first: a canary that is changed after it is not accepted as it was.
        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        var head = await catalog.GetHeadAsync();
        if (await catalog.GetResourceAsync(CanaryResource.KindName, name) is not { } body || ResourceReader.Read(body.Json).Resource is not CanaryResource canary)
        {
            return Problem.NotFound($"The active revision has no {CanaryResource.KindName} '{name}'.");
        }

        var accepted = change with { IfMatch = change.IfMatch ?? head.Revision, Reason = change.Reason ?? $"canary {name} is accepted" };
        return await ApplyEndpoints.PublishAsync(
            http, grains, accepted.Publish(http, [.. canary.Put.Select(changed => changed.Json)], [.. canary.Remove, new ResourceKey(CanaryResource.KindName, name)]));
    }
}
