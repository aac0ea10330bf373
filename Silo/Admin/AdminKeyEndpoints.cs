using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Oidc;

namespace Sluice.Silo.Admin;

/// <summary>A new admin key.</summary>
/// <param name="Name">Stands in the history beside what its holder changes.</param>
/// <param name="Role">What it allows.</param>
/// <param name="Tenant">The only tenant that it is for, with the roles tenant-viewer and tenant-admin; else left out.</param>
/// <param name="ReadsBodies">Whether it may read bodies of calls, which no role includes; false when not given.</param>
public sealed record AdminKeyBody(string? Name, AdminRole? Role, string? Tenant = null, bool? ReadsBodies = null);

/// <summary>The admin keys that were not revoked.</summary>
public sealed record AdminKeyList(IReadOnlyList<AdminKey> Items);

/// <summary>A new admin key with its secret, shown once.</summary>
/// <param name="Key">The whole key.</param>
public sealed record NewAdminKey(string Id, string Key, AdminKey Record)
{
    public override string ToString() => $"{Id} ***";
}

/// <summary>Keys of operators.</summary>
internal static class AdminKeyEndpoints
{
    private const int LongestName = 100;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/whoami", (HttpContext http) => Results.Json(http.Caller().Operator, AdminJson.Options))
            .Declare(AdminRole.Viewer, "whoami", "Whom the key, or the token, stands for.")
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Caller)
            .WithTags("Admin keys").Produces<Operator>();
        api.MapGet("/admin-keys", ListAsync)
            .Declare(AdminRole.Admin, "list-admin-keys", "Operators' keys, without their secrets.")
            .WithTags("Admin keys").Produces<AdminKeyList>();
        api.MapPost("/admin-keys", CreateAsync)
            .Declare(AdminRole.Admin, "create-admin-key", "Makes an operator's key. Its secret is in this answer and nowhere else.")
            .WithTags("Admin keys").Accepts<AdminKeyBody>("application/json").Produces<NewAdminKey>(201).Refuses(400, 413, 415);
        api.MapDelete("/admin-keys/{id}", RevokeAsync)
            .Declare(AdminRole.Admin, "revoke-admin-key", "Revokes an operator's key; the last one of role admin stays.")
            .WithTags("Admin keys").Produces(204).Refuses(404, 409);
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains) =>
        Results.Json(new AdminKeyList(await Grain(grains).ListAsync()), AdminJson.Options);

    private static async Task<IResult> CreateAsync(HttpContext http, IGrainFactory grains)
    {
        var (body, refusal) = await RequestBody.ReadJsonAsync<AdminKeyBody>(http);
        if (refusal is not null)
        {
            return refusal;
        }

        if (body!.Name is not { Length: >= 1 and <= LongestName } name || string.IsNullOrWhiteSpace(name))
        {
            return Problem.InvalidRequest("name", $"must be 1 to {LongestName} characters");
        }

        if (name.StartsWith(Vouched.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Problem.InvalidRequest("name", $"must not begin with '{Vouched.Prefix}': so the history names those for whom the identity provider vouches");
        }

        if (body.Role is not { } role)
        {
            return Problem.InvalidRequest("role", $"must be one of {string.Join(", ", Enums.Names<AdminRole>())}");
        }

        var isOfTenant = role < AdminRole.Viewer;
        if (isOfTenant != body.Tenant is not null)
        {
            return Problem.InvalidRequest("tenant", isOfTenant ? $"must be there: a key of role {Enums.NameOf(role)} is for one tenant" : $"is only for keys of role tenant-viewer or tenant-admin; the role is {Enums.NameOf(role)}");
        }

        if (isOfTenant && body.ReadsBodies is true)
        {
            return Problem.InvalidRequest("readsBodies", $"is not for keys of one tenant; the role is {Enums.NameOf(role)}");
        }

        if (body.Tenant is { } tenant)
        {
            return TenantEndpoints.Find(grains, tenant) is { } grain && await grain.GetAsync() is not null
                ? Created(await Grain(grains).CreateOfTenantAsync(name, role, tenant, http.Author()))
                : Problem.InvalidRequest("tenant", $"there is no tenant '{tenant}'");
        }

        return Created(await (body.ReadsBodies is true ? Grain(grains).CreateReaderAsync(name, role, http.Author()) : Grain(grains).CreateAsync(name, role, http.Author())));
    }

    private static IResult Created(IssuedAdminKey issued) =>
        Results.Json(new NewAdminKey(issued.Key.Id, issued.Secret, issued.Key), AdminJson.Options, statusCode: StatusCodes.Status201Created);

    private static async Task<IResult> RevokeAsync(HttpContext http, IGrainFactory grains, string id)
    {
        var keys = Grain(grains);
        if (await keys.RevokeAsync(id, http.Author()))
        {
            return Results.NoContent();
        }

        return (await keys.ListAsync()).Any(k => string.Equals(k.Id, id, StringComparison.Ordinal))
            ? Problem.LastAdminKey
            : Problem.NotFound($"There is no admin key '{id}'.");
    }

    private static IAdminKeysGrain Grain(IGrainFactory grains) => grains.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key);
}
