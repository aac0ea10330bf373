using System.Globalization;
using System.Text;
using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>A page of the call log, newest first.</summary>
/// <param name="Next">The value of <c>cursor</c> for the next page; null: this was the last.</param>
public sealed record CallList(IReadOnlyList<CallView> Items, string? Next);

/// <summary>One request: what the call log has of it, step by step, and the ledger's records of its attempts.</summary>
/// <param name="Attempts">What was charged, in the attempts' order.</param>
/// <param name="Scores">What the client said of the answer; null: nothing.</param>
/// <param name="Call">As the call log has it; null: it has not.</param>
/// <param name="Timeline">What happened to it, in its order; null: the call log has it not.</param>
public sealed record CallAnswer(
    string Request, IReadOnlyList<AttemptView> Attempts, IReadOnlyList<ScoreView>? Scores = null, CallView? Call = null, IReadOnlyList<CallStep>? Timeline = null);

/// <summary>What a client said of an answer.</summary>
/// <param name="Score">0 to 1.</param>
/// <param name="Key">The key with which it was said, by its id.</param>
/// <param name="At">When.</param>
public sealed record ScoreView(string Name, double Score, string? Comment, string Key, DateTimeOffset At);

/// <summary>The call log: searched, one call, and as lines.</summary>
internal static class CallEndpoints
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1_000;
    private const int LongestChoice = 500;
    private const string Lines = "application/x-ndjson";
    private const string NeedsRight = "true: with what was said, as far as it is kept. Needs a tenant and a key that may read bodies; that they were exported, and which, is written down.";
    private const string NoLimit = "The largest number of calls; all when not given.";

    // An attempt takes an hour at most, a realtime connection a day.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/calls", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-calls",
                "The call log: requests that edges answered, newest first. Those of the last seconds may not be in it yet.",
                [
                    .. CallQuery.Parameters,
                    new("limit", "integer", "1 to 1,000; 100 when not given."),
                    new("cursor", "string", "From the page before."),
                    new("format", "string", "csv for a table of comma-separated values, with the next page's cursor in the header sluice-next; json when not given, unless Accept names text/csv first."),
                ])
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Calls").Produces<CallList>(200, "application/json", "text/csv").Refuses(400, 503);
        api.MapGet("/calls/export", ExportAsync)
            .Declare(AdminRole.Viewer, "export-calls", "The call log as lines of JSON, a call each, newest first.", [.. CallQuery.Parameters, new("limit", "integer", NoLimit), new("bodies", "boolean", NeedsRight)])
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Calls").Produces<CallView>(200, Lines).Refuses(400, 503);
        api.MapGet("/calls/{id}", GetAsync)
            .Declare(
                AdminRole.Viewer,
                "get-call",
                "One request, by the id that its client was told in sluice-request-id: its timeline, and the records of its attempts.",
                new QueryParameter("tenant", "string", "Whose request it was: looks in one place instead of all."))
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Calls").Produces<CallAnswer>().Refuses(400, 404, 500, 503);
    }

    private static async Task<IResult> ListAsync(HttpContext http, CallSearch search, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var filter = CallQuery.Read(query, time);
        var limit = (int)(query.Number("limit", 1, LargestPage) ?? DefaultPage);
        CallPlace? before = null;
        if (query.Text("cursor") is { } cursor && (before = PlaceOf(cursor)) is null)
        {
            query.Wrong("cursor", "must be what a page before told as next");
        }

        var csv = Csv.IsWanted(query, http.Request);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        List<FoundCall> found;
        try
        {
            // One more tells whether there is a next page.
            found = await search.PageAsync(AdminApi.Workspace, filter, before, limit + 1, http.RequestAborted);
        }
        catch (SearchRefusedException refused)
        {
            return Problem.SearchRefused(refused.Message);
        }

        var items = found.Take(limit).Select(CallView.Of).ToList();
        var next = found.Count > limit ? TextOf(new CallPlace(found[limit - 1].EndedMicros, found[limit - 1].Request)) : null;
        if (!csv)
        {
            return Results.Json(new CallList(items, next), AdminJson.Options);
        }

        if (next is not null)
        {
            http.Response.Headers["sluice-next"] = next;
        }

        return Csv.Answer(CallView.Columns, items.Select(item => item.Row()));
    }

    private static async Task<IResult> ExportAsync(HttpContext http, CallSearch search, IGrainFactory grains, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var filter = CallQuery.Read(query, time);
        var (left, withBodies) = (query.Number("limit", 1, long.MaxValue) ?? long.MaxValue, query.Flag("bodies"));
        if (withBodies && filter.Tenant is null)
        {
            query.Wrong("tenant", "must be given for an export with bodies: they are kept by tenant");
        }

        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        if (withBodies && !http.Caller().Operator.ReadsBodies)
        {
            return CallBodyEndpoints.NotShown(http.Caller().Operator);
        }

        var found = search.ExportAsync(AdminApi.Workspace, filter, http.RequestAborted).Take((int)Math.Min(left, int.MaxValue)).Select(CallView.Of);
        await using var calls = (withBodies ? BodyExport.AddAsync(found, CallBodyEndpoints.Grain(grains, filter.Tenant!), http.Author(), NameOf(http, time), http.RequestAborted) : found)
            .GetAsyncEnumerator(http.RequestAborted);
        bool hasCall;
        try
        {
            // Before the answer begins: what cannot be searched is told as such.
            hasCall = await calls.MoveNextAsync();
        }
        catch (SearchRefusedException refused)
        {
            return Problem.SearchRefused(refused.Message);
        }

        http.Response.ContentType = Lines;
        for (; hasCall; hasCall = await calls.MoveNextAsync())
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(calls.Current, AdminJson.Options) + "\n", http.RequestAborted);
        }

        return Results.Empty;
    }

    // What was chosen is what was exported: it stands beside who did, and when.
    private static string NameOf(HttpContext http, TimeProvider time)
    {
        var choice = string.Join(' ', http.Request.Query.Where(one => one.Key is not ("bodies" or "tenant")).Select(one => $"{one.Key}={one.Value}"));
        return BodyExport.NameOf(choice.Length == 0 ? "the last day" : choice[..Math.Min(choice.Length, LongestChoice)], time);
    }

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, CallSearch search, TimeProvider time, string id)
    {
        var query = new QueryReader(http.Request);
        var tenant = AttemptEndpoints.Tenant(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var request = id.Split('.')[0];
        if (RequestTimes.Of(request) is not { } arrived || arrived > time.GetUtcNow().AddHours(1))
        {
            return Problem.NotFound($"'{id}' is no id of a request, which is like req_ and 27 hexadecimal digits.");
        }

        IReadOnlyList<AttemptRecord> attempts;
        FoundCall? call;
        try
        {
            attempts = await AttemptEndpoints.OfRequestAsync(grains, archive, request, arrived, tenant, http.RequestAborted);
            call = await FindAsync(search, request, arrived, tenant, time.GetUtcNow(), http.RequestAborted);
        }
        catch (InvalidDataException lost)
        {
            return Problem.RecordsLost(lost.Message);
        }
        catch (SearchRefusedException refused)
        {
            return Problem.SearchRefused(refused.Message);
        }

        if (attempts.Count == 0 && call is null)
        {
            return Problem.NotFound($"Nothing is known of request '{request}'. What edges answered in the last seconds may not be here yet.");
        }

        var whose = attempts.Count > 0 ? attempts[0].Tenant : call!.Tenant;
        var scores = await new UsageDay(grains, UsageRows.DayOf(arrived)).FeedbackOf(whose).OfAsync(request);
        return Results.Json(
            new CallAnswer(
                request,
                [.. attempts.Select(AttemptView.Of)],
                scores.IsEmpty ? null : [.. scores.Select(score => new ScoreView(score.Name, score.Score, score.Comment.Length == 0 ? null : score.Comment, score.KeyId, score.At))],
                call is null ? null : CallView.Of(call),
                call is null ? null : CallTimeline.Of(call)),
            AdminJson.Options);
    }

    // As a rule it ended in the hour in which it came, or in the next.
    private static async Task<FoundCall?> FindAsync(CallSearch search, string request, DateTimeOffset arrived, string? tenant, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var end in new[] { arrived.AddHours(1), arrived + Longest })
        {
            var found = await search.PageAsync(AdminApi.Workspace, new CallFilter(arrived.AddMinutes(-1), end) { Request = request, Tenant = tenant }, null, 1, cancellation);
            if (found.Count > 0 || end > now)
            {
                return found.FirstOrDefault();
            }
        }

        return null;
    }

    private static string TextOf(CallPlace place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.Micros}\n{place.Request}")));

    private static CallPlace? PlaceOf(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n') is [var micros, var request]
                && long.TryParse(micros, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= CallFilter.Micros(DateTimeOffset.MaxValue)
                ? new CallPlace(at, request)
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
