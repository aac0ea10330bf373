using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>What budgets and limits stand at, subject by subject.</summary>
internal static class PolicyStatusEndpoints
{
    private static readonly QueryParameter SubjectParameter =
        new("subject", "string", "Whom to look at: workspace, tenant/acme, key/<id>, user/<tenant>/<user>. May be left out where the declaration names one subject.");

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/budgets/{name}/status", (HttpContext http, IGrainFactory grains, string name) => AnswerAsync(
                http, grains, BudgetResource.KindName, name, async key => await grains.GetGrain<IBudgetGrain>(key).GetStatusAsync()))
            .Declare(AdminRole.Viewer, "get-budget-status", "What is posted, lent and left of a budget.", SubjectParameter)
            .WithTags(BudgetResource.KindName).Produces<BudgetStatus>().Refuses(400, 404);
        api.MapGet("/limits/{name}/status", (HttpContext http, IGrainFactory grains, string name) => AnswerAsync(
                http, grains, LimitResource.KindName, name, async key => await grains.GetGrain<IRateLimitGrain>(key).GetStatusAsync()))
            .Declare(AdminRole.Viewer, "get-limit-status", "Which edge holds what share of a limit.", SubjectParameter)
            .WithTags(LimitResource.KindName).Produces<RateStatus>().Refuses(400, 404);
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, IGrainFactory grains, string kind, string name, Func<string, Task<object?>> ask)
    {
        var body = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(kind, name);
        if (body is null || DeclaredSubject(body) is not { } declared)
        {
            return Problem.NotFound($"The active revision has no {kind} '{name}'.");
        }

        var query = new QueryReader(http.Request);
        var subject = query.Text(SubjectParameter.Name) ?? declared;
        if (!Binds(declared, subject))
        {
            query.Wrong(SubjectParameter.Name, $"{kind} '{name}' binds {declared}: name one such subject; is '{subject}'");
        }

        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        return await ask(GrainKeys.Join(AdminApi.Workspace, name, subject)) is { } status
            ? Results.Json(status, AdminJson.Options)
            : Problem.NotFound($"{kind} '{name}' is not known for {subject}.");
    }

    private static string? DeclaredSubject(ResourceBody body) => ResourceReader.Read(body.Json).Resource switch
    {
        BudgetResource budget => Write(budget.Subject),
        LimitResource limit => Write(limit.Subject),
        _ => null,
    };

    private static string Write(Subject subject) =>
        subject.Scope is SubjectScope.Workspace ? "workspace" : $"{subject.Scope.ToString().ToLowerInvariant()}/{subject.Name ?? "*"}";

    // user/* binds user/<tenant>/<user>; the others bind one part after the slash.
    private static bool Binds(string declared, string subject)
    {
        if (!declared.EndsWith("/*", StringComparison.Ordinal))
        {
            return string.Equals(declared, subject, StringComparison.Ordinal);
        }

        var parts = subject.Split('/');
        var expected = declared.StartsWith("user/", StringComparison.Ordinal) ? 3 : 2;
        return parts.Length == expected
            && subject.StartsWith(declared[..^1], StringComparison.Ordinal)
            && parts.All(Names.IsUser);
    }
}
