using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Figures of the call log.</summary>
/// <param name="By">What they are told apart by.</param>
/// <param name="IsWhole">False: there are more rows than are told; ask for a shorter time or fewer dimensions.</param>
public sealed record AnalysisAnswer(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<CallDimension> By, IReadOnlyList<FiguresView> Rows, bool IsWhole);

/// <summary>What the call log tells in figures: trends, comparisons, what is unusual.</summary>
internal static class AnalysisEndpoints
{
    private const string Dimensions = "Any of hour, day, tenant, key, user, model, provider, target, prompt, tag, status, edge, revision, separated by commas; none for one row of all. A call with two tags counts in two rows.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/analysis/figures", FiguresAsync)
            .Declare(
                AdminRole.Viewer,
                "analyze-figures",
                "Calls, failures, retries, tokens, cost and percentiles of the call log, by some dimensions: with hour or day a trend.",
                [.. CallQuery.Parameters, new("by", "string", Dimensions), new("format", "string", "csv for a table of comma-separated values; json when not given, unless Accept names text/csv first.")])
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Analysis").Produces<AnalysisAnswer>(200, "application/json", "text/csv").Refuses(400, 503);
        api.MapGet("/analysis/compare", CompareAsync)
            .Declare(
                AdminRole.Viewer,
                "analyze-compare",
                "Two revisions, prompt versions, models, targets … side by side.",
                [
                    .. CallQuery.Parameters,
                    new("by", "string", "By what: revision, prompt, model, target, provider, tenant, key, tag or edge."),
                    new("a", "string", "The one, such as 41 or summary@1."),
                    new("b", "string", "The other."),
                ])
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Analysis").Produces<CompareAnswer>().Refuses(400, 503);
        api.MapGet("/analysis/anomalies", AnomaliesAsync)
            .Declare(
                AdminRole.Viewer,
                "analyze-anomalies",
                "Hours that are unlike the same hours of the weeks before.",
                [
                    .. CallQuery.Parameters,
                    new("measure", "string", "calls, cost, tokens, failures, latency or first-token (their p95); calls when not given."),
                    new("least", "integer", "How many deviations from the usual are told, 2 to 100; 4 when not given."),
                ])
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Query).WithTags("Analysis").Produces<AnomaliesAnswer>().Refuses(400, 503);
    }

    private static async Task<IResult> FiguresAsync(HttpContext http, CallAnalysis analysis, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var filter = CallQuery.Read(query, time);
        var by = ReadBy(query);
        var csv = Csv.IsWanted(query, http.Request);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        return await GuardAsync(async () =>
        {
            var found = await analysis.FiguresAsync(AdminApi.Workspace, filter, by, http.RequestAborted);
            var rows = found.Take(CallAnalysis.MostRows).Select(FiguresView.From).ToList();
            return csv
                ? Csv.Answer(by.Select(FiguresView.NameOf).Concat(FiguresView.Columns), rows.Select(row => by.Select(one => row.Of[FiguresView.NameOf(one)]).Concat(row.Row())))
                : Results.Json(new AnalysisAnswer(filter.From, filter.To, by, rows, found.Count <= CallAnalysis.MostRows), AdminJson.Options);
        });
    }

    private static async Task<IResult> CompareAsync(HttpContext http, CallAnalysis analysis, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var filter = CallQuery.Read(query, time, TimeSpan.FromDays(7));
        var (first, second) = (CallComparison.Choose(query, filter, "a"), CallComparison.Choose(query, filter, "b"));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        return await GuardAsync(async () =>
        {
            var a = await analysis.FiguresAsync(AdminApi.Workspace, first, [], http.RequestAborted);
            var b = await analysis.FiguresAsync(AdminApi.Workspace, second, [], http.RequestAborted);
            return Results.Json(CallComparison.Of(filter, a.FirstOrDefault(), b.FirstOrDefault()), AdminJson.Options);
        });
    }

    private static async Task<IResult> AnomaliesAsync(HttpContext http, CallAnalysis analysis, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var filter = CallQuery.Read(query, time);
        var measure = CallMeasure.Calls;
        if (query.Text("measure") is { } text && !Enums.TryRead(text, out measure))
        {
            query.Wrong("measure", Unknown.Say("measure", text, Enums.Names<CallMeasure>()));
        }

        var least = query.Number("least", 2, 100) ?? 4;
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        return await GuardAsync(async () =>
        {
            // What is usual is learnt from eight weeks before, and the hour beside.
            var hours = await analysis.HoursAsync(AdminApi.Workspace, filter with { From = Anomalies.LearnFrom(filter.From) }, measure, http.RequestAborted);
            return Results.Json(Anomalies.Of(hours, measure, filter, least, time.GetUtcNow()), AdminJson.Options);
        });
    }

    /// <summary>Turns what a search refuses into the answer.</summary>
    internal static async Task<IResult> GuardAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (SearchRefusedException refused)
        {
            return Problem.SearchRefused(refused.Message);
        }
    }

    private static List<CallDimension> ReadBy(QueryReader query)
    {
        var by = new List<CallDimension>();
        foreach (var name in (query.Text("by") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Enums.TryRead<CallDimension>(name, out var dimension))
            {
                by.Add(dimension);
            }
            else
            {
                query.Wrong("by", Unknown.Say("dimension", name, Enums.Names<CallDimension>()));
            }
        }

        return [.. by.Distinct()];
    }
}
