using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Usage;
using Sluice.Grains.Usage.Results;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Targets of models side by side: what they did by the records, and what clients said of it. See docs/targets.md.</summary>
internal static class ModelResultsEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/models/{name}/results", GetAsync)
        .Declare(
            AdminRole.Viewer,
            "get-model-results",
            "What each target of a model did, by its records: attempts, requests, failures, tokens, cost, latency, scores, and the differences between targets. What edges counted in the last seconds may not be in it yet.",
            AskedDays.FromParameter,
            AskedDays.ToParameter,
            AskedDays.TenantParameter,
            new("baseline", "string", "The target that others are compared with, as provider/model; the first by name when not given."))
        .WithTags("Model").Produces<ModelResultsAnswer>().Refuses(400, 404, 500);

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, TimeProvider time, string name)
    {
        name = ResourceEndpoints.Unescape(name);
        var query = new QueryReader(http.Request);
        var asked = AskedDays.Read(query, time);
        var baseline = query.Text("baseline");
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var results = new ModelResults();
        try
        {
            await new ResultRecords(grains, archive).ReadAsync(results, asked, (begin, end) => new RecordFilter(begin, end, Model: name), http.RequestAborted);
        }
        catch (InvalidDataException lost)
        {
            return Problem.RecordsLost(lost.Message);
        }

        if (results.Attempts.Count == 0 && await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(ModelResource.KindName, name) is null)
        {
            return Problem.NotFound($"The active revision has no {ModelResource.KindName} '{name}', and no request of these days asked for one.");
        }

        if (baseline is not null && results.Targets.Count > 0 && !results.Targets.ContainsKey(baseline))
        {
            query.Wrong("baseline", $"must be a target that decided a request in these days: {string.Join(", ", results.Targets.Keys)}");
            return query.Problem!;
        }

        return Results.Json(ModelResultsAnswer.Of(name, asked.From, asked.To, results, baseline), AdminJson.Options);
    }
}
