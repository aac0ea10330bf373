using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>What was said in a call, as far as it is kept.</summary>
/// <param name="Days">For how many days it is kept after the call came.</param>
/// <param name="RequestHeaders">Those that are allowed, <c>name: value</c>.</param>
public sealed record CallBodyAnswer(
    string Request, string? User, DateTimeOffset Arrived, int Days, IReadOnlyList<string> RequestHeaders, LoggedBody RequestBody, IReadOnlyList<string> AnswerHeaders, LoggedBody AnswerBody)
{
    public override string ToString() => $"{Request} ***";

    internal static CallBodyAnswer Of(CallBody said) =>
        new(said.RequestId, said.User.Length == 0 ? null : said.User, said.Arrived, said.Days, said.RequestHeaders, said.Request, said.AnswerHeaders, said.Answer);
}

/// <summary>That an endpoint shows what was said: it needs a key that may read bodies, whatever its role.</summary>
internal sealed record ShowsBodies;

/// <summary>Bodies of calls: shown to keys that may read them and nobody else, each reading written down; let go by call, user, time or tenant.</summary>
internal static class CallBodyEndpoints
{
    private static readonly QueryParameter Tenant = new("tenant", "string", "Whose calls; needed.");

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/calls/bodies", SummaryAsync)
            .Declare(AdminRole.Viewer, "get-call-bodies", "How many bodies are kept of a tenant, what is held, and who read, exported, erased, held or released some; nothing of what was said.", Tenant)
            .WithTags("Calls").Produces<BodiesSummary>().Refuses(400);
        api.MapDelete("/calls/bodies", EraseAsync)
            .Declare(
                AdminRole.Operator,
                "erase-call-bodies",
                "Lets go bodies of a tenant that are not held: of a user, of a time, or, with neither, all of them together with the tenant's key, so that no copy can be read any more.",
                Tenant,
                new("user", "string", "Of one user."),
                new("from", "string", "Of calls that came then or later: a day (UTC) or a time."),
                new("to", "string", "Of calls that came then or earlier."))
            .WithTags("Calls").Produces<BodiesErased>().Refuses(400);
        api.MapGet("/calls/{id}/bodies", ReadAsync)
            .Declare(AdminRole.Viewer, "read-call-bodies", "What was said in a call, as far as it is kept. Needs a key that may read bodies; that it was read is written down.", Tenant)
            .WithMetadata(new ShowsBodies())
            .WithTags("Calls").Produces<CallBodyAnswer>().Refuses(400, 404);
        api.MapDelete("/calls/{id}/bodies", EraseOneAsync)
            .Declare(AdminRole.Operator, "erase-call-body", "Lets go the bodies of a call, unless they are held.", Tenant)
            .WithTags("Calls").Produces<BodiesErased>().Refuses(400);
    }

    private static async Task<IResult> SummaryAsync(HttpContext http, IGrainFactory grains)
    {
        var bodies = Of(http, grains, out var wrong);
        return wrong ?? Results.Json(await bodies!.SummaryAsync(), AdminJson.Options);
    }

    private static async Task<IResult> ReadAsync(HttpContext http, IGrainFactory grains, string id)
    {
        if (Of(http, grains, out var wrong) is not { } bodies)
        {
            return wrong!;
        }

        return await bodies.ReadAsync(id, http.Author()) is { } said
            ? Results.Json(CallBodyAnswer.Of(said), AdminJson.Options)
            : Problem.NotFound($"No bodies of call '{id}' are kept: its model or route does not have them kept, it was not among the sample, they were let go, or came in the last seconds.");
    }

    private static async Task<IResult> EraseOneAsync(HttpContext http, IGrainFactory grains, string id)
    {
        var bodies = Of(http, grains, out var wrong);
        return wrong ?? Results.Json(await bodies!.EraseAsync(id, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, http.Author()), AdminJson.Options);
    }

    private static async Task<IResult> EraseAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (user, from, to) = (query.Text("user"), query.Moment("from", isEnd: false), query.Moment("to", isEnd: true));
        if (query.Problem is { } unread)
        {
            return unread;
        }

        if (Of(http, grains, out var wrong) is not { } bodies)
        {
            return wrong!;
        }

        return Results.Json(
            user is null && from is null && to is null
                ? await bodies.EraseAllAsync(http.Author())
                : await bodies.EraseAsync(null, user, from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue, http.Author()),
            AdminJson.Options);
    }

    /// <summary>That bodies are shown to keys with that right and nobody else.</summary>
    public static Problem NotShown(Operator caller) => Problem.Forbidden(
        $"This needs a key that may read bodies of calls, which no role includes; '{caller.Name}' may not. A key of role admin makes one: POST /api/v1/admin-keys with readsBodies; of an identity provider's groups the setting Oidc:BodyReaders says which may.");

    /// <summary>A tenant's bodies.</summary>
    public static ICallBodiesGrain Grain(IGrainFactory grains, string tenant) => grains.GetGrain<ICallBodiesGrain>(GrainKeys.Join(AdminApi.Workspace, tenant));

    /// <summary>The bodies of the tenant that a query names; null: it names none.</summary>
    public static ICallBodiesGrain? Of(HttpContext http, IGrainFactory grains, out IResult? wrong)
    {
        var query = new QueryReader(http.Request);
        var tenant = AttemptEndpoints.Tenant(query);
        if (tenant is null && query.Problem is null)
        {
            query.Wrong("tenant", "must be given: bodies are kept by tenant");
        }

        wrong = query.Problem;
        return wrong is null ? Grain(grains, tenant!) : null;
    }
}
