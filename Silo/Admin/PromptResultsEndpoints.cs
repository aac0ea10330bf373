using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Usage;
using Sluice.Grains.Usage.Results;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Versions of prompts side by side: what they did by the records, and what clients said of it. See docs/prompts.md.</summary>
internal static class PromptResultsEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/prompts/{name}/results", GetAsync)
        .Declare(
            AdminRole.Viewer,
            "get-prompt-results",
            "What each version of a prompt did, by its records: requests, failures, tokens, cost, latency, scores, and the differences between versions. What edges counted in the last seconds may not be in it yet.",
            AskedDays.FromParameter,
            AskedDays.ToParameter,
            AskedDays.TenantParameter,
            new("baseline", "integer", "The version that others are compared with; the lowest that was used when not given."))
        .WithTags("Prompt").Produces<PromptResultsAnswer>().Refuses(400, 404, 500);

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, TimeProvider time, string name)
    {
        var query = new QueryReader(http.Request);
        var asked = AskedDays.Read(query, time);
        var baseline = (int?)query.Number("baseline", 1, int.MaxValue);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var results = new PromptResults();
        try
        {
            await new ResultRecords(grains, archive).ReadAsync(results, asked, (begin, end) => new RecordFilter(begin, end, Prompt: name), http.RequestAborted);
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

        return Results.Json(PromptResultsAnswer.Of(name, asked.From, asked.To, results, baseline), AdminJson.Options);
    }
}
