using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>A budget that binds a tenant as a whole.</summary>
/// <param name="Subject">Always <c>tenant/</c> and its name.</param>
/// <param name="Status">What it stands at; null: nothing was lent of it yet.</param>
public sealed record TenantBudget(string Budget, string Subject, BudgetStatus? Status);

/// <summary>The budgets that bind a tenant as a whole, by name.</summary>
public sealed record TenantBudgetList(IReadOnlyList<TenantBudget> Items);

/// <summary>What a tenant may still use.</summary>
internal static class TenantBudgetEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/tenants/{tenant}/budgets", ListAsync)
        .Declare(AdminRole.Viewer, "list-tenant-budgets", "The budgets that bind a tenant as a whole, and what each stands at.")
        .ForTenants(AdminRole.TenantViewer, TenantPlace.Path)
        .WithTags("Tenants").Produces<TenantBudgetList>().Refuses(404);

    private static async Task<IResult> ListAsync(IGrainFactory grains, string tenant)
    {
        if (TenantEndpoints.Find(grains, tenant) is not { } grain || await grain.GetAsync() is null)
        {
            return TenantEndpoints.NoTenant(tenant);
        }

        var subject = $"tenant/{tenant}";
        var declared = (await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourcesAsync(BudgetResource.KindName))
            .Select(body => ResourceReader.Read(body.Json).Resource).OfType<BudgetResource>()
            .Where(budget => Subjects.Binds(Subjects.Write(budget.Subject), subject));
        var items = await Task.WhenAll(declared.Select(async budget =>
            new TenantBudget(budget.Name, subject, await BudgetEndpoints.StatusAsync(grains, GrainKeys.Join(AdminApi.Workspace, budget.Name, subject)))));
        return Results.Json(new TenantBudgetList([.. items.OrderBy(item => item.Budget, StringComparer.Ordinal)]), AdminJson.Options);
    }
}
