using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>What limits stand at, subject by subject.</summary>
internal static class PolicyStatusEndpoints
{
    public static readonly QueryParameter SubjectParameter =
        new("subject", "string", "Whom to look at: workspace, tenant/acme, key/<id>, user/<tenant>/<user>. May be left out where the declaration names one subject.");

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/limits/{name}/status", (HttpContext http, IGrainFactory grains, string name) => AnswerAsync(
                http, grains, LimitResource.KindName, name, async key => await grains.GetGrain<IRateLimitGrain>(key).GetStatusAsync()))
            .Declare(AdminRole.Viewer, "get-limit-status", "Which edge holds what share of a limit.", SubjectParameter)
            .WithTags(LimitResource.KindName).Produces<RateStatus>().Refuses(400, 404);
    }

    /// <summary>Answers what is asked of the grain of a policy and subject.</summary>
    internal static async Task<IResult> AnswerAsync(HttpContext http, IGrainFactory grains, string kind, string name, Func<string, Task<object?>> ask)
    {
        var query = new QueryReader(http.Request);
        var found = await PolicySubject.FindAsync(grains, kind, name, query.Text(SubjectParameter.Name), query.Wrong);
        if ((found.HiddenFrom(http, kind, name) ?? found.Problem ?? query.Problem) is { } wrong)
        {
            return wrong;
        }

        return await ask(found.Key!) is { } status ? Results.Json(status, AdminJson.Options) : Problem.NotFound($"{kind} '{name}' is not known for {found.Subject}.");
    }
}
