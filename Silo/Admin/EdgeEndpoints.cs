using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>The live edges.</summary>
public sealed record EdgeList(IReadOnlyList<EdgeItem> Items);

/// <summary>A live edge.</summary>
/// <param name="Revision">What it runs; 0: nothing yet.</param>
/// <param name="Since">When it registered.</param>
/// <param name="LeaseLeft">Until its lease ends, such as <c>2150ms</c>.</param>
/// <param name="Fault">Why it could not activate the head, or null.</param>
/// <param name="OldRevisions">How many revisions were replaced and still have requests in flight.</param>
/// <param name="OldestReplaced">How long ago the first of these was replaced; null: there is none.</param>
/// <param name="InUse">The revisions that requests run under: the one in force, then the old ones, newest first; at most ten.</param>
public sealed record EdgeItem(
    string Id,
    string Address,
    string Version,
    long Revision,
    DateTimeOffset Since,
    string LeaseLeft,
    double RequestsPerSecond,
    int InFlight,
    string? Fault,
    int OldRevisions,
    string? OldestReplaced,
    IReadOnlyList<RevisionInUseItem> InUse);

/// <summary>A revision that requests of an edge run under.</summary>
/// <param name="InFlight">Requests that have not ended.</param>
/// <param name="ReplacedFor">How long ago another took its place, such as <c>95s</c>; null: it is in force.</param>
public sealed record RevisionInUseItem(long Revision, long InFlight, string? ReplacedFor);

/// <summary>The fleet.</summary>
internal static class EdgeEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/edges", ListAsync)
        .Declare(AdminRole.Viewer, "list-edges", "Each live edge, its revision, lease, version and load.")
        .WithTags("Fleet").Produces<EdgeList>();

    private static async Task<IResult> ListAsync(IGrainFactory grains)
    {
        var edges = await grains.GetGrain<IFleetGrain>(AdminApi.Workspace).GetEdgesAsync();
        return Results.Json(new EdgeList([.. edges.Select(Item)]), AdminJson.Options);
    }

    private static EdgeItem Item(EdgeStatus edge) => new(
        edge.Report.Hello.Edge,
        edge.Report.Hello.Address,
        edge.Report.Hello.Version,
        edge.Report.Active.Revision,
        edge.Since,
        Durations.Format(TimeSpan.FromMilliseconds(Math.Max(0, Math.Round(edge.LeaseLeft.TotalMilliseconds)))),
        edge.Report.RequestsPerSecond,
        edge.Report.InFlight,
        edge.Report.Fault,
        edge.Report.InUse?.Old ?? 0,
        Seconds(edge.Report.InUse?.Oldest),
        [.. (edge.Report.InUse?.Revisions ?? []).Select(r => new RevisionInUseItem(r.Revision, r.InFlight, Seconds(r.ReplacedFor)))]);

    private static string? Seconds(TimeSpan? age) => age is { } span ? Durations.Format(TimeSpan.FromSeconds(Math.Floor(span.TotalSeconds))) : null;
}
