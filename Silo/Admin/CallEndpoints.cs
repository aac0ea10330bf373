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
public sealed record CallList(IReadOnlyList<AttemptView> Items, string? Next);

/// <summary>The attempts of one request, in their order.</summary>
/// <param name="Scores">What the client said of the answer; null: nothing.</param>
public sealed record CallAnswer(string Request, IReadOnlyList<AttemptView> Attempts, IReadOnlyList<ScoreView>? Scores = null);

/// <summary>What a client said of an answer.</summary>
/// <param name="Score">0 to 1.</param>
/// <param name="Key">The key with which it was said, by its id.</param>
/// <param name="At">When.</param>
public sealed record ScoreView(string Name, double Score, string? Comment, string Key, DateTimeOffset At);

/// <summary>The records of attempts.</summary>
internal static class CallEndpoints
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1_000;

    // Looked at for one page; a page that ends here tells where the next one goes on.
    private const int MostTenantDays = 200;
    private const string Columns = "csv for a table of comma-separated values, with the next page's cursor in the header sluice-next; json when not given, unless Accept names text/csv first.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/calls", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-calls",
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
            .WithTags("Usage").Produces<CallList>(200, "application/json", "text/csv").Refuses(400, 500);
        api.MapGet("/calls/{id}", GetAsync)
            .Declare(
                AdminRole.Viewer,
                "get-call",
                "The attempts of one request, by the id that its client was told in sluice-request-id.",
                new QueryParameter("tenant", "string", "Whose request it was: looks in one place instead of all."))
            .WithTags("Usage").Produces<CallAnswer>().Refuses(400, 404, 500);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var to = query.Moment("to", isEnd: true) ?? time.GetUtcNow();
        var from = query.Moment("from", isEnd: false) ?? to.AddDays(-1);
        var filter = new RecordFilter(from, to, query.Text("key"), query.Text("model"), query.Text("tag"), query.Number("status", 0, 999));
        var (tenant, limit) = (Tenant(query), (int)(query.Number("limit", 1, LargestPage) ?? DefaultPage));
        var cursor = query.Text("cursor") is { } text ? CallCursor.Parse(text) : null;
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
        CallCursor? next;
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
            return Results.Json(new CallList(items, next?.ToString()), AdminJson.Options);
        }

        if (next is not null)
        {
            http.Response.Headers["sluice-next"] = next.ToString();
        }

        return Csv.Answer(AttemptView.Columns, items.Select(item => item.Row()));
    }

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, TimeProvider time, string id)
    {
        var query = new QueryReader(http.Request);
        var tenant = Tenant(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var request = id.Split('.')[0];
        if (RequestTimes.Of(request) is not { } arrived || arrived > time.GetUtcNow().AddHours(1))
        {
            return Problem.NotFound($"'{id}' is no id of a request, which is like req_ and 27 hexadecimal digits.");
        }

        // No attempt takes longer than a day; the edge's clock may be a little off.
        var filter = new RecordFilter(arrived.AddMinutes(-1), arrived.AddDays(1), Request: request);
        var days = new DayRecords(grains, AdminApi.Workspace, archive);
        var found = new List<AttemptRecord>();
        CallCursor? cursor = null;
        try
        {
            do
            {
                (var records, cursor) = await PageAsync(grains, days, filter, tenant, LargestPage, cursor, http.RequestAborted);
                found.AddRange(records);
            }
            while (found.Count == 0 && cursor is not null);
        }
        catch (InvalidDataException lost)
        {
            return Problem.RecordsLost(lost.Message);
        }

        if (found.Count == 0)
        {
            return Problem.NotFound($"There is no record of request '{request}'. What edges counted in the last seconds may not be here yet; a plain route that charges no budget has none.");
        }

        var scores = await new UsageDay(grains, UsageRows.DayOf(arrived)).FeedbackOf(found[0].Tenant).OfAsync(request);
        return Results.Json(
            new CallAnswer(
                request,
                [.. found.OrderBy(record => record.Attempt).Select(AttemptView.Of)],
                scores.IsEmpty ? null : [.. scores.Select(score => new ScoreView(score.Name, score.Score, score.Comment.Length == 0 ? null : score.Comment, score.KeyId, score.At))]),
            AdminJson.Options);
    }

    /// <summary>Whether usage may be counted under a name.</summary>
    internal static bool CanBeTenant(string tenant) => Names.IsResource(tenant) || string.Equals(tenant, IEdgeUsageGrain.PublicTenant, StringComparison.Ordinal);

    private static async Task<(List<AttemptRecord> Records, CallCursor? Next)> PageAsync(
        IGrainFactory grains, DayRecords source, RecordFilter filter, string? tenant, int limit, CallCursor? cursor, CancellationToken cancellation)
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
                    return (page, new CallCursor(day, name, null));
                }

                var before = from is not null && string.Equals(from.Tenant, name, StringComparison.Ordinal) ? from.Before : null;
                page.AddRange(await source.ReadAsync(name, day, filter with { Before = before }, limit - page.Count, cancellation));
                if (page.Count == limit)
                {
                    return (page, CallCursor.After(day, page[^1]));
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
