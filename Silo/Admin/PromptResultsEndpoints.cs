using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Grains.Usage.Results;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Versions of prompts side by side: what they did by the records, and what clients said of it. See docs/prompts.md.</summary>
internal static class PromptResultsEndpoints
{
    private const int DefaultDays = 7;
    private const int MostDays = 92;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/prompts/{name}/results", GetAsync)
        .Declare(
            AdminRole.Viewer,
            "get-prompt-results",
            "What each version of a prompt did, by its records: requests, failures, tokens, cost, latency, scores, and the differences between versions. What edges counted in the last seconds may not be in it yet.",
            new("from", "string", "The first day (UTC) such as 2026-01-31; six days before the last when not given."),
            new("to", "string", "The last day (UTC); today when not given."),
            new("tenant", "string", "Of one tenant's requests; of all when not given."),
            new("baseline", "integer", "The version that others are compared with; the lowest that was used when not given."))
        .WithTags("Prompt").Produces<PromptResultsAnswer>().Refuses(400, 404, 500);

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, TimeProvider time, string name)
    {
        var query = new QueryReader(http.Request);
        var to = query.Day("to") ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var from = query.Day("from") ?? to.AddDays(1 - DefaultDays);
        var tenant = AttemptEndpoints.Tenant(query);
        var baseline = (int?)query.Number("baseline", 1, int.MaxValue);
        if (from > to)
        {
            query.Wrong("from", "must not be after to");
        }
        else if (to.DayNumber - from.DayNumber >= MostDays)
        {
            query.Wrong("from", $"must lie within {MostDays} days of to");
        }

        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        PromptResults results;
        try
        {
            results = await ReadAsync(grains, new DayRecords(grains, AdminApi.Workspace, archive), name, from, to, tenant, http.RequestAborted);
        }
        catch (InvalidDataException lost)
        {
            return Problem.RecordsLost(lost.Message);
        }

        if (results.Versions.Count == 0 && await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(PromptResource.KindName, name) is null)
        {
            return Problem.NotFound($"The active revision has no {PromptResource.KindName} '{name}', and no request of these days used one.");
        }

        if (baseline is { } number && results.Versions.Count > 0 && !results.Versions.ContainsKey(number))
        {
            query.Wrong("baseline", $"must be a version that was used in these days: {string.Join(", ", results.Versions.Keys)}");
            return query.Problem!;
        }

        return Results.Json(PromptResultsAnswer.Of(name, from, to, results, baseline), AdminJson.Options);
    }

    private static async Task<PromptResults> ReadAsync(IGrainFactory grains, DayRecords records, string name, DateOnly from, DateOnly to, string? tenant, CancellationToken cancellation)
    {
        var days = (await grains.GetGrain<IUsageDaysGrain>(AdminApi.Workspace).ListAsync()).ToHashSet();
        var tenants = new SortedDictionary<string, List<DateOnly>>(StringComparer.Ordinal);
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            if (days.Contains(UsageDay.NumberOf(day)))
            {
                await foreach (var each in new UsageDay(grains, day).TenantsAsync(tenant))
                {
                    (tenants.TryGetValue(each, out var its) ? its : tenants[each] = []).Add(day);
                }
            }
        }

        var results = new PromptResults();
        foreach (var (each, its) in tenants)
        {
            await ReadAsync(grains, records, results, name, each, its, cancellation);
        }

        return results;
    }

    private static async Task ReadAsync(
        IGrainFactory grains, DayRecords records, PromptResults results, string name, string tenant, IEnumerable<DateOnly> days, CancellationToken cancellation)
    {
        (DateOnly Day, ILookup<string, RequestScore> Scores)? known = null;
        foreach (var day in days)
        {
            var begin = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
            var found = await records.ReadAsync(tenant, UsageDay.NumberOf(day), new RecordFilter(begin, begin.AddDays(1).AddTicks(-1), Prompt: name), int.MaxValue, cancellation);
            if (found.Count > 0)
            {
                var before = known is { } last && last.Day == day.AddDays(-1) ? last.Scores : await ScoresAsync(grains, tenant, day.AddDays(-1));
                var scores = await ScoresAsync(grains, tenant, day);
                results.TakeDay(found, request => scores[request].Concat(before[request]));
                known = (day, scores);
            }
        }

        results.EndTenant();
    }

    private static async Task<ILookup<string, RequestScore>> ScoresAsync(IGrainFactory grains, string tenant, DateOnly day)
    {
        var grain = new UsageDay(grains, day).FeedbackOf(tenant);
        var scores = new List<RequestScore>();
        for (int? row = 0; row is { } number;)
        {
            var page = await grain.ListAsync(number);
            scores.AddRange(page.Scores);
            row = page.Next;
        }

        return scores.ToLookup(score => score.Request, StringComparer.Ordinal);
    }
}
