using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>What is to be held.</summary>
/// <param name="Tenant">Whose bodies.</param>
/// <param name="Request">Of this call alone.</param>
/// <param name="User">Of this user alone. With neither: of all calls of the tenant.</param>
/// <param name="Why">The matter that it is for; needed.</param>
/// <param name="Until">When it ends by itself; when it is released, where it is not given.</param>
public sealed record CallHoldBody(string? Tenant = null, string? Request = null, string? User = null, string? Why = null, DateTimeOffset? Until = null);

/// <summary>Holds on bodies of calls: what is held is let go neither with time nor by anybody.</summary>
internal static class CallHoldEndpoints
{
    private const int LongestWhy = 500;
    private static readonly QueryParameter After = new("after", "string", "The last call of the page before; from the oldest when not given.");
    private static readonly QueryParameter Tenant = new("tenant", "string", "Whose bodies; needed.");

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/calls/bodies/holds", HoldAsync)
            .Declare(AdminRole.Operator, "hold-call-bodies", "Has bodies of a call, of a user, or of all calls of a tenant, held: they are let go neither with time nor by anybody, until the hold ends.")
            .WithTags("Calls").Accepts<CallHoldBody>("application/json").Produces<BodyHold>(201).Refuses(400, 404, 413, 415);
        api.MapGet("/calls/bodies/holds/{id}", FindAsync)
            .Declare(AdminRole.Viewer, "get-held-calls", "A hold, and which of the calls that are there it keeps, a thousand at most; nothing of what was said.", Tenant, After)
            .WithTags("Calls").Produces<HeldCalls>().Refuses(400, 404);
        api.MapGet("/calls/bodies/holds/{id}/export", ExportAsync)
            .Declare(AdminRole.Viewer, "export-held-bodies", "What was said in all calls that a hold keeps, as lines of JSON. Needs a key that may read bodies; that it was exported is written down.", Tenant)
            .WithMetadata(new ShowsBodies())
            .WithTags("Calls").Produces<CallBodyAnswer>(200, "application/x-ndjson").Refuses(400, 404);
        api.MapDelete("/calls/bodies/holds/{id}", ReleaseAsync)
            .Declare(AdminRole.Admin, "release-call-bodies", "Ends a hold; what it alone kept and is old goes within minutes.", Tenant, new("why", "string", "Why; needed, and written down."))
            .WithTags("Calls").Produces(StatusCodes.Status204NoContent).Refuses(400, 404);
    }

    private static async Task<IResult> HoldAsync(HttpContext http, IGrainFactory grains, TimeProvider time)
    {
        var (body, refusal) = await RequestBody.ReadJsonAsync<CallHoldBody>(http);
        if (refusal is not null)
        {
            return refusal;
        }

        if (Check(body!, time.GetUtcNow()) is { } wrong)
        {
            return wrong;
        }

        var tenant = body!.Tenant!;
        if (TenantEndpoints.Find(grains, tenant) is not { } known || await known.GetAsync() is null)
        {
            return TenantEndpoints.NoTenant(tenant);
        }

        return await CallBodyEndpoints.Grain(grains, tenant).HoldAsync(body.Request, body.User, body.Why!.Trim(), body.Until?.ToUniversalTime(), http.Author()) is { } hold
            ? Results.Json(hold, AdminJson.Options, statusCode: StatusCodes.Status201Created)
            : Problem.InvalidRequest("tenant", "has as many holds as are kept, 100: release one first, or hold more with one");
    }

    private static Problem? Check(CallHoldBody body, DateTimeOffset now) =>
        body.Tenant is null ? Problem.InvalidRequest("tenant", "must be given: bodies are kept by tenant")
        : body is { Request: not null, User: not null } ? Problem.InvalidRequest("user", "must not stand beside 'request': a hold is of a call, of a user, or, with neither, of all calls")
        : body.Request is { } request && RequestTimes.Of(request) is null ? Problem.InvalidRequest("request", $"must be an id like req_ and 27 hexadecimal digits; is '{request}'")
        : body.User is { } user && !Names.IsUser(user) ? Problem.InvalidRequest("user", $"is no name of a user: '{user}'")
        : string.IsNullOrWhiteSpace(body.Why) || body.Why.Length > LongestWhy ? Problem.InvalidRequest("why", $"must say in 1 to {LongestWhy} characters for which matter it is")
        : body.Until <= now ? Problem.InvalidRequest("until", "must lie ahead; leave it out for a hold that ends when it is released")
        : null;

    private static async Task<IResult> FindAsync(HttpContext http, IGrainFactory grains, string id)
    {
        if (CallBodyEndpoints.Of(http, grains, out var wrong) is not { } bodies)
        {
            return wrong!;
        }

        return await bodies.FindHeldAsync(id, new QueryReader(http.Request).Text(After.Name)) is { } held ? Results.Json(held, AdminJson.Options) : NoHold(id);
    }

    private static async Task<IResult> ExportAsync(HttpContext http, IGrainFactory grains, TimeProvider time, string id)
    {
        if (CallBodyEndpoints.Of(http, grains, out var wrong) is not { } bodies)
        {
            return wrong!;
        }

        // Before the answer begins.
        if (await bodies.FindHeldAsync(id, null) is not { } first)
        {
            return NoHold(id);
        }

        http.Response.ContentType = "application/x-ndjson";
        await foreach (var said in BodyExport.HeldAsync(bodies, first, http.Author(), BodyExport.NameOf($"hold {id}", time), http.RequestAborted))
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(CallBodyAnswer.Of(said), AdminJson.Options) + "\n", http.RequestAborted);
        }

        return Results.Empty;
    }

    private static async Task<IResult> ReleaseAsync(HttpContext http, IGrainFactory grains, string id)
    {
        var query = new QueryReader(http.Request);
        if (query.Text("why") is not { Length: <= LongestWhy } why || string.IsNullOrWhiteSpace(why))
        {
            return Problem.InvalidRequest("query: why", $"must say in 1 to {LongestWhy} characters why it ends");
        }

        if (CallBodyEndpoints.Of(http, grains, out var wrong) is not { } bodies)
        {
            return wrong!;
        }

        return await bodies.ReleaseAsync(id, why.Trim(), http.Author()) ? Results.NoContent() : NoHold(id);
    }

    private static Problem NoHold(string id) => Problem.NotFound($"There is no hold '{id}' on bodies of this tenant: it was released, or its time is over.");
}
