using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Sources;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>The watched folders and Git checkouts.</summary>
public sealed record SourceList(IReadOnlyList<SourceItem> Items);

/// <summary>One of them.</summary>
/// <param name="Source">Its name as resources' owner: <c>folder:base</c>.</param>
/// <param name="State"><c>waiting</c>, <c>applied</c> or <c>failed</c>; failed stays until it is mended.</param>
/// <param name="Since">When this state began.</param>
/// <param name="Revision">The revision by which it was last applied.</param>
/// <param name="Commit">Of Git sources: the commit that was last applied.</param>
/// <param name="Errors">What is wrong: nothing was applied.</param>
/// <param name="Silo">Who watches it; absent: nobody does.</param>
/// <param name="Path">Where it is read.</param>
public sealed record SourceItem(
    string Source, SourceState State, DateTimeOffset Since, long? Revision, string? Commit, IReadOnlyList<SourceError> Errors, string? Silo, string Path);

/// <summary>How the watched folders and Git checkouts stand.</summary>
internal static class SourceEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/sources", ListAsync)
        .Declare(AdminRole.Viewer, "list-sources", "The watched folders and Git checkouts: state, revision, commit, and what is wrong with file and line.")
        .WithTags("Revisions").Produces<SourceList>();

    private static async Task<IResult> ListAsync(IGrainFactory grains)
    {
        var sources = await grains.GetGrain<ISourcesGrain>(AdminApi.Workspace).ListAsync();
        return Results.Json(
            new SourceList([.. sources.Select(s => new SourceItem(s.Owner, s.State, s.Since, s.Revision, s.Commit, s.Errors, s.Silo, s.Path))]), AdminJson.Options);
    }
}
