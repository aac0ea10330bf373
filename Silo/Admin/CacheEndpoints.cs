using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>What edges are to forget: all that fits everything that is given; nothing given: all that the cache keeps.</summary>
/// <param name="Tenant">Only what is kept for this tenant.</param>
/// <param name="Route">Only answers of this route.</param>
/// <param name="Path">Only answers at this path, as it stands in a URL without query; all that begin with it where it ends in <c>*</c>.</param>
/// <param name="Model">Only answers of this model.</param>
public sealed record CachePurgeBody(string? Tenant = null, string? Route = null, string? Path = null, string? Model = null);

/// <summary>How the edges took a purge up.</summary>
/// <param name="Barrier">Complete: every edge has forgotten. Partial: some were silent until they had lost the right to admit; they forget before they have it again.</param>
/// <param name="Edges">Which.</param>
public sealed record CachePurgeAnswer(BarrierState Barrier, EdgeCounts Edges);

/// <summary>Purges of what edges keep.</summary>
internal static class CacheEndpoints
{
    private const int LongestPath = 2_000;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/caches/{name}/purge", PurgeAsync)
        .Declare(AdminRole.Operator, "purge-cache", "Has every edge forget what a cache keeps, or a part of it; done when this returns.")
        .WithTags(CacheResource.KindName).Accepts<CachePurgeBody>("application/json").Produces<CachePurgeAnswer>().Refuses(400, 404, 413, 415);

    private static async Task<IResult> PurgeAsync(HttpContext http, IGrainFactory grains, string name)
    {
        var (body, refusal) = await RequestBody.ReadOptionalAsync(http, new CachePurgeBody());
        if (refusal is not null)
        {
            return refusal;
        }

        if (Check(body!) is { } wrong)
        {
            return wrong;
        }

        if (await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(CacheResource.KindName, name) is null)
        {
            return Problem.NotFound($"There is no {CacheResource.KindName} '{name}'.");
        }

        var purge = new CachePurge(name, body!.Tenant, body.Route, body.Path, body.Model);
        var number = await grains.GetGrain<IChangeLogGrain>(AdminApi.Workspace).AppendAsync(new NewChange(ChangeKind.CachePurged, purge.Subject, http.Author()));
        var report = await grains.GetGrain<IFleetBarrierGrain>(AdminApi.Workspace).RequireAsync(number);
        return Results.Json(new CachePurgeAnswer(report.State, new EdgeCounts(report.Activated, report.Lapsed)), AdminJson.Options);
    }

    private static Problem? Check(CachePurgeBody body) => body switch
    {
        { Tenant: { } tenant } when !Names.IsResource(tenant) => Problem.InvalidRequest("tenant", $"must be {Names.ResourceRule}"),
        { Route: { } route } when !Names.IsResource(route) => Problem.InvalidRequest("route", $"must be {Names.ResourceRule}"),
        { Model: { } model } when !Names.IsModel(model) => Problem.InvalidRequest("model", $"must be {Names.ModelRule}"),
        { Model: not null } when body.Route is not null || body.Path is not null => Problem.InvalidRequest("model", "is not given together with route or path, which are of answers of routes"),
        { Path: { } path } when path.Length is 0 or > LongestPath || path[0] != '/' || path.AsSpan().ContainsAny("?# ") => Problem.InvalidRequest(
            "path", $"must be a path as it stands in a URL, such as /docs/a or /docs/*, of at most {LongestPath} characters, without query"),
        _ => null,
    };
}
