using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>A new tenant.</summary>
/// <param name="DisplayName">For people; at most 200 characters.</param>
/// <param name="Organisation">To which it belongs for good, for limits and budgets of organisations; left out: to none.</param>
public sealed record TenantBody(string? Name, string? DisplayName = null, string? Organisation = null);

/// <summary>A page of tenants, ordered by name.</summary>
/// <param name="Next">The value of <c>after</c> for the next page; null: this was the last.</param>
public sealed record TenantList(IReadOnlyList<Tenant> Items, string? Next);

/// <summary>Tenants: made and suspended here, declared nowhere.</summary>
internal static class TenantEndpoints
{
    private const int DefaultPage = 100;
    private const int LongestDisplayName = 200;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/tenants", CreateAsync)
            .Declare(AdminRole.Operator, "create-tenant", "Makes a tenant.")
            .WithTags("Tenants").Accepts<TenantBody>("application/json").Produces<Tenant>(201).Refuses(400, 409, 413, 415);
        api.MapGet("/tenants", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-tenants",
                "Tenants by name.",
                new("after", "string", "Only names after this one."),
                new("limit", "integer", "1 to 1,000; 100 when not given."))
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Caller).WithTags("Tenants").Produces<TenantList>().Refuses(400);
        api.MapGet("/tenants/{tenant}", GetAsync)
            .Declare(AdminRole.Viewer, "get-tenant", "One tenant.")
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Path).WithTags("Tenants").Produces<Tenant>().Refuses(404);
        api.MapPost("/tenants/{tenant}/suspend", (HttpContext http, IGrainFactory grains, string tenant) => SetSuspendedAsync(http, grains, tenant, suspended: true))
            .Declare(AdminRole.Operator, "suspend-tenant", "Refuses every key of a tenant until it is resumed.")
            .WithTags("Tenants").Produces<Tenant>().Refuses(404);
        api.MapPost("/tenants/{tenant}/resume", (HttpContext http, IGrainFactory grains, string tenant) => SetSuspendedAsync(http, grains, tenant, suspended: false))
            .Declare(AdminRole.Operator, "resume-tenant", "Takes a tenant's keys again.")
            .WithTags("Tenants").Produces<Tenant>().Refuses(404);
    }

    /// <summary>The tenant's grain, or null for what cannot be a tenant's name.</summary>
    public static ITenantGrain? Find(IGrainFactory grains, string tenant) =>
        Names.IsResource(tenant) ? grains.GetGrain<ITenantGrain>(GrainKeys.Join(AdminApi.Workspace, tenant)) : null;

    public static Problem NoTenant(string tenant) => Problem.NotFound($"There is no tenant '{tenant}'.");

    private static async Task<IResult> CreateAsync(HttpContext http, IGrainFactory grains)
    {
        var (body, refusal) = await RequestBody.ReadJsonAsync<TenantBody>(http);
        if (refusal is not null)
        {
            return refusal;
        }

        if (body!.Name is null || !Names.IsResource(body.Name))
        {
            return Problem.InvalidRequest("name", $"must be {Names.ResourceRule}");
        }

        if (body.DisplayName?.Length > LongestDisplayName)
        {
            return Problem.InvalidRequest("displayName", $"is longer than {LongestDisplayName} characters");
        }

        if (body.Organisation is not null && !Names.IsResource(body.Organisation))
        {
            return Problem.InvalidRequest("organisation", $"must be {Names.ResourceRule}");
        }

        var grain = Find(grains, body.Name)!;
        return await grain.CreateAsync(body.DisplayName, http.Author(), body.Organisation)
            ? Results.Json(await grain.GetAsync(), AdminJson.Options, statusCode: StatusCodes.Status201Created)
            : Problem.Exists($"There is a tenant '{body.Name}' already.");
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (after, limit) = (query.Text("after"), (int)(query.Number("limit", 1, 1000) ?? DefaultPage));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        if (http.Caller().Operator.Tenant is { } own)
        {
            return Results.Json(new TenantList(await Find(grains, own)!.GetAsync() is { } only && string.CompareOrdinal(own, after) > 0 ? [only] : [], null), AdminJson.Options);
        }

        var names = await grains.GetGrain<ITenantDirectoryGrain>(AdminApi.Workspace).ListAsync(after, limit);
        var tenants = await Task.WhenAll(names.Select(n => Find(grains, n)!.GetAsync()));
        return Results.Json(new TenantList([.. tenants.OfType<Tenant>()], names.Length == limit ? names[^1] : null), AdminJson.Options);
    }

    private static async Task<IResult> GetAsync(IGrainFactory grains, string tenant) =>
        Find(grains, tenant) is { } grain && await grain.GetAsync() is { } found ? Results.Json(found, AdminJson.Options) : NoTenant(tenant);

    private static async Task<IResult> SetSuspendedAsync(HttpContext http, IGrainFactory grains, string tenant, bool suspended) =>
        Find(grains, tenant) is { } grain && await grain.SetSuspendedAsync(suspended, http.Author())
            ? Results.Json(await grain.GetAsync(), AdminJson.Options)
            : NoTenant(tenant);
}
