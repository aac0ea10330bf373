using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Alerts;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>What every alert stands at.</summary>
public sealed record AlertList(ImmutableArray<AlertStatus> Items);

/// <summary>Begins and ends of alerts, the newest first.</summary>
public sealed record AlertHistory(ImmutableArray<AlertTransition> Items);

/// <summary>What is silenced.</summary>
public sealed record SilenceList(ImmutableArray<AlertSilence> Items);

/// <summary>An alert to be silenced.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="About">Of this group alone, as its state has it; null: of all.</param>
/// <param name="For">For how long: 1m to 30d.</param>
/// <param name="Reason">Why; null: nobody said.</param>
public sealed record SilenceBody(string? Alert, string? About, string? For, string? Reason);

/// <summary>Alerts as they stand, what became of them, and silences; described in docs/alerts.md.</summary>
internal static class AlertEndpoints
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/alerts/states", async (IGrainFactory grains) => Results.Json(new AlertList(await Grain(grains).ListAsync()), AdminJson.Options))
            .Declare(AdminRole.Viewer, "list-alert-states", "Every alert that is evaluated, Sluice's own among them, with what it stands at.")
            .WithTags(AlertResource.KindName).Produces<AlertList>();
        api.MapGet("/alerts/history", async (IGrainFactory grains) => Results.Json(new AlertHistory(await Grain(grains).HistoryAsync()), AdminJson.Options))
            .Declare(AdminRole.Viewer, "list-alert-history", "The last 500 begins and ends of alerts, the newest first.")
            .WithTags(AlertResource.KindName).Produces<AlertHistory>();
        api.MapGet("/alerts/silences", async (IGrainFactory grains) => Results.Json(new SilenceList(await Grain(grains).SilencesAsync()), AdminJson.Options))
            .Declare(AdminRole.Viewer, "list-alert-silences", "The alerts of which nobody is told for a time.")
            .WithTags(AlertResource.KindName).Produces<SilenceList>();
        api.MapPost("/alerts/silences", SilenceAsync)
            .Declare(AdminRole.Operator, "silence-alert", "Tells nobody of an alert for a time; it is evaluated and kept in the history all the same.")
            .WithTags(AlertResource.KindName).Accepts<SilenceBody>("application/json").Produces<AlertSilence>().Refuses(400, 404, 413, 415);
        api.MapDelete("/alerts/silences/{id}", UnsilenceAsync)
            .Declare(AdminRole.Operator, "end-alert-silence", "Ends a silence.")
            .WithTags(AlertResource.KindName).Produces(StatusCodes.Status204NoContent).Refuses(404);
    }

    private static async Task<IResult> SilenceAsync(IGrainFactory grains, HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadJsonAsync<SilenceBody>(http);
        if (body is null)
        {
            return problem!;
        }

        if (!Durations.TryParse(body.For ?? "", out var time) || time < TimeSpan.FromMinutes(1) || time > Longest)
        {
            return Problem.InvalidRequest("for", $"must be a time from 1m to 30d, such as 2h; is '{body.For}'");
        }

        var alerts = await Grain(grains).ListAsync();
        if (!alerts.Any(a => string.Equals(a.Alert, body.Alert, StringComparison.Ordinal)))
        {
            return Problem.NotFound($"There is no {AlertResource.KindName} '{body.Alert}'.");
        }

        return await Grain(grains).SilenceAsync(body.Alert!, body.About, time, http.Author().Name, body.Reason) is { } silence
            ? Results.Json(silence, AdminJson.Options)
            : Problem.InvalidRequest("alert", "cannot be silenced, for as many silences hold as are kept, 100: end one first");
    }

    private static async Task<IResult> UnsilenceAsync(IGrainFactory grains, string id) =>
        await Grain(grains).UnsilenceAsync(id) ? Results.NoContent() : Problem.NotFound($"There is no silence '{id}'.");

    private static IAlertsGrain Grain(IGrainFactory grains) => grains.GetGrain<IAlertsGrain>(AdminApi.Workspace);
}
