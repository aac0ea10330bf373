using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>Whether a revision is kept until it is unpinned.</summary>
public sealed record PinAnswer(long Revision, bool Pinned);

/// <summary>Revisions that are kept longer than retention would.</summary>
internal static class PinEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/revisions/{revision:long}/pin", PinAsync)
            .Declare(AdminRole.Operator, "pin-revision", "Keeps a revision's resources until it is unpinned. At most 1,000 are pinned.")
            .WithTags("Revisions").Produces<PinAnswer>().Refuses(404, 409, 410);
        api.MapDelete("/revisions/{revision:long}/pin", UnpinAsync)
            .Declare(AdminRole.Operator, "unpin-revision", "Keeps a revision no longer than others are kept.")
            .WithTags("Revisions").Produces<PinAnswer>().Refuses(404);
    }

    private static async Task<IResult> PinAsync(IGrainFactory grains, long revision) =>
        await grains.GetGrain<IRetentionGrain>(AdminApi.Workspace).PinAsync(revision) switch
        {
            PinOutcome.Pinned => Results.Json(new PinAnswer(revision, Pinned: true), AdminJson.Options),
            PinOutcome.Pruned => Problem.Pruned(revision),
            PinOutcome.TooMany => Problem.Exists("1,000 revisions are pinned, which is the most: unpin another one first."),
            _ => RevisionEndpoints.NoRevision(revision),
        };

    private static async Task<IResult> UnpinAsync(IGrainFactory grains, long revision) =>
        await grains.GetGrain<IRetentionGrain>(AdminApi.Workspace).UnpinAsync(revision)
            ? Results.Json(new PinAnswer(revision, Pinned: false), AdminJson.Options)
            : Problem.NotFound(string.Create(CultureInfo.InvariantCulture, $"Revision {revision} is not pinned."));
}
