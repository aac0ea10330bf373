using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>Publishes over a time, by author and outcome; described in docs/monitoring.md.</summary>
internal static class ReloadEndpoints
{
    private const int DefaultRefusals = 20;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/reloads", GetAsync)
        .Declare(
            AdminRole.Viewer,
            "get-reloads",
            "Publishes of some days by author and outcome, how long their phases took, and why some were refused.",
            AskedDays.FromParameter,
            AskedDays.ToParameter,
            new("author", "string", "Of one author, by the name that the history has; of all when not given."),
            new("limit", "integer", "How many refusals are told, 1 to 1,000; 20 when not given."))
        .WithTags("Revisions").Produces<ReloadsAnswer>().Refuses(400);

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var asked = AskedDays.Read(query, time);
        var (author, limit) = (query.Text("author"), (int)(query.Number("limit", 1, 1000) ?? DefaultRefusals));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var days = await Task.WhenAll(Enumerable.Range(0, asked.To.DayNumber - asked.From.DayNumber + 1)
            .Select(i => asked.From.AddDays(i))
            .Select(day => grains.GetGrain<IReloadsGrain>(ReloadDays.KeyOf(AdminApi.Workspace, day)).GetAsync(day)));
        return Results.Json(ReloadsAnswer.Of(asked.From, asked.To, days, author, limit), AdminJson.Options);
    }
}
