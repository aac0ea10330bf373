using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>A page of the audit chain.</summary>
/// <param name="Items">Oldest first.</param>
/// <param name="Next">The value of <c>from</c> for the next page; null: this was the last.</param>
public sealed record AuditList(IReadOnlyList<AuditItem> Items, long? Next);

/// <summary>One entry of the audit chain.</summary>
/// <param name="Previous">The hash of the entry before.</param>
/// <param name="Entry">This entry's hash, over <paramref name="Previous"/> and all the rest.</param>
public sealed record AuditItem(
    long Revision, string Hash, DateTimeOffset At, Author Author, string? Reason, IReadOnlyList<ResourceChange> Changes, long? RollbackOf, string Previous, string Entry);

/// <summary>What a walk along the whole chain found.</summary>
/// <param name="Whole">Whether every entry fits.</param>
/// <param name="Entries">How many there are.</param>
/// <param name="Head">The hash of the last entry, as the head holds it: kept elsewhere it proves later that nothing was taken away.</param>
/// <param name="Faults">Each entry that does not fit.</param>
public sealed record AuditVerdict(bool Whole, long Entries, string Head, IReadOnlyList<string> Faults);

/// <summary>Who changed what, as a chain that shows when it was altered.</summary>
internal static class AuditEndpoints
{
    private const int DefaultPage = 100;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/audit", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-audit",
                "The audit chain, oldest first: who changed what, when, from where and why.",
                new("from", "integer", "The revision to begin with; 1 when not given."),
                new("limit", "integer", "1 to 1,000; 100 when not given."))
            .WithTags("Audit").Produces<AuditList>().Refuses(400);
        api.MapGet("/audit/verify", VerifyAsync)
            .Declare(AdminRole.Viewer, "verify-audit", "Walks along the whole chain and names each entry that was altered, left out or put in.")
            .WithTags("Audit").Produces<AuditVerdict>();
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (from, limit) = (query.Number("from", 1, long.MaxValue) ?? 1, (int)(query.Number("limit", 1, 1000) ?? DefaultPage));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var entries = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetAuditAsync(from, limit);
        return Results.Json(
            new AuditList([.. entries.Select(Item)], entries.Count == limit ? entries[^1].Info.Number + 1 : null), AdminJson.Options);
    }

    private static async Task<IResult> VerifyAsync(IGrainFactory grains)
    {
        var report = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).VerifyAuditAsync();
        return Results.Json(new AuditVerdict(report.Faults.IsEmpty, report.Entries, report.Head, report.Faults), AdminJson.Options);
    }

    private static AuditItem Item(AuditEntry entry) => new(
        entry.Info.Number, entry.Info.Hash, entry.Info.At, entry.Info.Author, entry.Info.Reason, entry.Info.Changes, entry.Info.RollbackOf, entry.Previous, entry.Hash);
}
