using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>One subject of a declared budget or limit: named by a request, or the one that the declaration names.</summary>
/// <param name="Key">Of the grain; null where there is none.</param>
/// <param name="Subject">Such as <c>tenant/acme</c>.</param>
/// <param name="Declared">The resource.</param>
/// <param name="Problem">Why there is none.</param>
internal sealed record PolicySubject(string? Key, string Subject, Resource? Declared, Problem? Problem)
{
    /// <summary>Whether the declaration does not bind the subject.</summary>
    private bool IsForeign { get; init; }

    /// <summary>What a key that is bound to a tenant is told where the policy does not bind that tenant, or a part of it: that there is none; null where it does, and to all others.</summary>
    public Problem? HiddenFrom(HttpContext http, string kind, string name) => Declared is not null && (TenantAccess.Hides(http, Subject) || (IsForeign && http.Caller().Operator.Tenant is not null)) ? NoPolicy(kind, name) : null;

    private static Problem NoPolicy(string kind, string name) => Problem.NotFound($"The active revision has no {kind} '{name}'.");

    /// <summary>Finds it in the active revision.</summary>
    /// <param name="asked">The subject that the request names; null: none.</param>
    /// <param name="wrong">Notes that the subject is none that the declaration binds.</param>
    public static async Task<PolicySubject> FindAsync(IGrainFactory grains, string kind, string name, string? asked, Action<string, string> wrong)
    {
        var body = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(kind, name);
        var resource = body is null ? null : ResourceReader.Read(body.Json).Resource;
        var declared = resource switch
        {
            BudgetResource budget => Subjects.Write(budget.Subject),
            LimitResource limit => Subjects.Write(limit.Subject),
            _ => null,
        };
        if (declared is null)
        {
            return new PolicySubject(null, "", null, NoPolicy(kind, name));
        }

        var subject = asked ?? declared;
        var isForeign = !Subjects.Binds(declared, subject);
        if (isForeign)
        {
            wrong("subject", $"{kind} '{name}' binds {declared}: name one such subject; is '{subject}'");
        }

        return new PolicySubject(GrainKeys.Join(AdminApi.Workspace, name, subject), subject, resource, null) { IsForeign = isForeign };
    }
}
