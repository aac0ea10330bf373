using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>What becomes of a request, and why. No request is made.</summary>
internal static class ExplainEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/explain", ExplainAsync)
        .Declare(AdminRole.Viewer, "explain", "Which route, part, target, limits and budgets a request meets under a revision or a candidate, and why the others are passed over.")
        .WithTags("What if").Accepts<ExplainBody>("application/json").Produces<ExplainAnswer>().Refuses(400, 404, 410, 413, 415);

    private static async Task<IResult> ExplainAsync(HttpContext http, IGrainFactory grains, WhatIfRevisions revisions, TimeProvider time)
    {
        var (document, refusal) = await RequestBody.ReadDocumentAsync(http);
        if (refusal is not null)
        {
            return refusal;
        }

        using var body = document!;
        var (asked, errors) = ExplainBody.Read(body.RootElement);
        if (asked is null)
        {
            return Problem.InvalidRequest(errors);
        }

        var (caller, noCaller, unknown) = await FindCallerAsync(grains, asked, time.GetUtcNow());
        if (unknown is not null)
        {
            return unknown;
        }

        var (revision, none) = await revisions.FindAsync(asked.Against, http.RequestAborted);
        if (none is not null)
        {
            return none;
        }

        PublishAnswers.SetRevision(http, revision!.Number);
        var answer = Explanation.Of(revision, asked, caller, noCaller, time.GetUtcNow());
        if (asked.IsMeasured && answer.Model is { } model)
        {
            answer = answer with { Model = MeasuredTargets.With(model, await grains.GetGrain<ICallsGrain>(AdminApi.Workspace).GatherTargetsAsync(model.Name)) };
        }

        return Results.Json(answer, AdminJson.Options);
    }

    // The caller, or why an edge would know none; a problem where the names are of nobody.
    private static async Task<(DescribedCaller? Caller, string? NoCaller, Problem? Problem)> FindCallerAsync(IGrainFactory grains, Explained asked, DateTimeOffset now)
    {
        if (asked.Tenant is not { } tenant)
        {
            return default;
        }

        if (TenantEndpoints.Find(grains, tenant) is not { } grain || await grain.GetAsync() is not { } found)
        {
            return (null, null, Problem.InvalidRequest("tenant", $"there is no tenant '{tenant}'"));
        }

        if (asked.User is { } user && !Names.IsUser(user))
        {
            return (null, null, Problem.InvalidRequest("user", $"must be {Names.UserRule}; is '{user}'"));
        }

        KeyRecord? key = null;
        if (asked.Key is { } id && (key = (await grain.GetKeysAsync()).FirstOrDefault(k => string.Equals(k.Id, id, StringComparison.Ordinal))) is null)
        {
            return (null, null, Problem.InvalidRequest("key", $"tenant '{tenant}' has no key with the id '{id}'"));
        }

        var refused = found.Suspended ? $"Tenant '{tenant}' is suspended: its keys are refused."
            : key?.RevokedAt is { } revoked ? $"Key '{key.Id}' was revoked at {revoked:O}."
            : key?.Spec.ExpiresAt is { } ended && ended <= now ? $"Key '{key.Id}' has expired at {ended:O}."
            : null;
        return refused is not null ? (null, refused, null) : (new DescribedCaller(tenant, key?.Id, key?.Spec.User ?? asked.User, key?.Spec.Models ?? [], key?.Spec.Team, found.Organisation, (await SubscriptionEndpoints.Grain(grains, tenant).StandingsAsync()).Products), null, null);
    }
}
