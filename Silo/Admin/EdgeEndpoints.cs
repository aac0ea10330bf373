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
public sealed record EdgeItem(
    string Id, string Address, string Version, long Revision, DateTimeOffset Since, string LeaseLeft, double RequestsPerSecond, int InFlight, string? Fault);

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
        edge.Report.Fault);
}
