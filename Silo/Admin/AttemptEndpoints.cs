using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>A page of records: the newest day first, in a day by tenant, and for each tenant the newest first.</summary>
/// <param name="Next">The value of <c>cursor</c> for the next page; null: this was the last.</param>
public sealed record AttemptList(IReadOnlyList<AttemptView> Items, string? Next);

/// <summary>The records of attempts.</summary>
internal static class AttemptEndpoints
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1_000;

    // Looked at for one page; a page that ends here tells where the next one goes on.
    private const int MostTenantDays = 200;
    private const string Columns = "csv for a table of comma-separated values, with the next page's cursor in the header sluice-next; json when not given, unless Accept names text/csv first.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/attempts", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-attempts",
                "Records of attempts at models, and at routes that charge a budget. What edges counted in the last seconds may not be in it yet.",
                new("tenant", "string", "Of one tenant; of all when not given."),
                new("key", "string", "Of one key, by its id."),
                new("model", "string", "That asked for this model, or for route/ and a route's name."),
                new("tag", "string", "With this tag, name=value."),
                new("status", "integer", "With this status."),
                new("from", "string", "That ended then or later: a day (UTC) such as 2026-01-31, or a time such as 2026-01-31T09:30:00Z; a day before to when not given."),
                new("to", "string", "That ended then or earlier; now when not given."),
                new("limit", "integer", "1 to 1,000; 100 when not given. A page may have fewer and still not be the last."),
                new("cursor", "string", "From the page before."),
                new("format", "string", Columns))
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Usage").Produces<AttemptList>(200, "application/json", "text/csv").Refuses(400, 500);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var to = query.Moment("to", isEnd: true) ?? time.GetUtcNow();
        var from = query.Moment("from", isEnd: false) ?? to.AddDays(-1);
        var filter = new RecordFilter(from, to, query.Text("key"), query.Text("model"), query.Text("tag"), query.Number("status", 0, 999));
        var (tenant, limit) = (Tenant(query), (int)(query.Number("limit", 1, LargestPage) ?? DefaultPage));
        var cursor = query.Text("cursor") is { } text ? AttemptCursor.Parse(text) : null;
        if (cursor is null && query.Text("cursor") is not null)
        {
            query.Wrong("cursor", "must be what a page before told as next");
        }

        if (from > to)
        {
            query.Wrong("from", "must not be after to");
        }

        var csv = Csv.IsWanted(query, http.Request);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        List<AttemptRecord> records;
        AttemptCursor? next;
        try
        {
            (records, next) = await PageAsync(grains, new DayRecords(grains, AdminApi.Workspace, archive), filter, tenant, limit, cursor, http.RequestAborted);
        }
        catch (InvalidDataException lost)
        {
            return Problem.RecordsLost(lost.Message);
        }

        var items = records.Select(AttemptView.Of).ToList();
        if (!csv)
        {
            return Results.Json(new AttemptList(items, next?.ToString()), AdminJson.Options);
        }

        if (next is not null)
        {
            http.Response.Headers["sluice-next"] = next.ToString();
        }

        return Csv.Answer(AttemptView.Columns, items.Select(item => item.Row()));
    }

    /// <summary>Whether usage may be counted under a name.</summary>
    internal static bool CanBeTenant(string tenant) => Names.IsResource(tenant) || string.Equals(tenant, IEdgeUsageGrain.PublicTenant, StringComparison.Ordinal);

    /// <summary>All attempts of a request that came at a time.</summary>
    /// <exception cref="InvalidDataException">A file of records is missing or damaged.</exception>
    internal static async Task<IReadOnlyList<AttemptRecord>> OfRequestAsync(IGrainFactory grains, IRecordArchive archive, string request, DateTimeOffset arrived, string? tenant, CancellationToken cancellation)
    {
        // No attempt takes longer than a day; the edge's clock may be a little off.
        var filter = new RecordFilter(arrived.AddMinutes(-1), arrived.AddDays(1), Request: request);
        var days = new DayRecords(grains, AdminApi.Workspace, archive);
        var found = new List<AttemptRecord>();
        AttemptCursor? cursor = null;
        do
        {
            (var records, cursor) = await PageAsync(grains, days, filter, tenant, LargestPage, cursor, cancellation);
            found.AddRange(records);
        }
        while (found.Count == 0 && cursor is not null);
        return [.. found.OrderBy(record => record.Attempt)];
    }

    private static async Task<(List<AttemptRecord> Records, AttemptCursor? Next)> PageAsync(
        IGrainFactory grains, DayRecords source, RecordFilter filter, string? tenant, int limit, AttemptCursor? cursor, CancellationToken cancellation)
    {
        var page = new List<AttemptRecord>();
        var looked = 0;
        var (first, last) = (UsageRows.DayOf(filter.From), Math.Min(UsageRows.DayOf(filter.To), cursor?.Day ?? int.MaxValue));
        var days = await grains.GetGrain<IUsageDaysGrain>(AdminApi.Workspace).ListAsync();
        foreach (var day in days.Where(day => day >= first && day <= last).Reverse())
        {
            var from = cursor?.Day == day ? cursor : null;

            // From the cursor's tenant on, which itself may have more.
            await foreach (var name in new UsageDay(grains, day).TenantsAsync(tenant, from?.Tenant))
            {
                if (looked++ == MostTenantDays)
                {
                    return (page, new AttemptCursor(day, name, null));
                }

                var before = from is not null && string.Equals(from.Tenant, name, StringComparison.Ordinal) ? from.Before : null;
                page.AddRange(await source.ReadAsync(name, day, filter with { Before = before }, limit - page.Count, cancellation));
                if (page.Count == limit)
                {
                    return (page, AttemptCursor.After(day, page[^1]));
                }
            }
        }

        return (page, null);
    }

    /// <summary>The tenant that a query is about; null: all.</summary>
    internal static string? Tenant(QueryReader query)
    {
        var tenant = query.Text("tenant");
        if (tenant is not null && !CanBeTenant(tenant))
        {
            query.Wrong("tenant", $"must be {Names.ResourceRule}, or {IEdgeUsageGrain.PublicTenant} for requests without a key");
        }

        return tenant;
    }
}
