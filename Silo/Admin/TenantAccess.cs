using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>Where a request says whose it is about.</summary>
internal enum TenantPlace
{
    /// <summary>Nowhere: the endpoint tells a key that is bound to a tenant of that tenant alone, by itself.</summary>
    Caller,

    /// <summary>In the path, as <c>{tenant}</c>.</summary>
    Path,

    /// <summary>In the query, as <c>tenant</c>: left out it is the key's.</summary>
    Query,

    /// <summary>In the path, as the <c>{id}</c> of a subscription.</summary>
    Subscription,
}

/// <summary>
/// What an endpoint allows keys that are bound to a tenant; one that declares none is closed to them. Promised: such a key is told of no other tenant, not even whether it is there. What is
/// asked of another by name is answered as if there were none.
/// </summary>
/// <param name="Role">The least role.</param>
/// <param name="Place">Where the tenant stands.</param>
internal sealed record TenantAccess(AdminRole Role, TenantPlace Place)
{
    private const string Name = "tenant";

    /// <summary>Why a request is not let pass; null: it is, and about the key's own tenant.</summary>
    /// <param name="http">The request; where its query leaves the tenant out, it is put there.</param>
    /// <param name="tenant">To which the key is bound.</param>
    public Problem? Check(HttpContext http, string tenant)
    {
        switch (Place)
        {
            case TenantPlace.Path:
                return http.GetRouteValue(Name) is string named && !IsOwn(named, tenant) ? TenantEndpoints.NoTenant(named) : null;
            case TenantPlace.Subscription:
                return http.GetRouteValue("id") is string id && !(Subscription.Split(id) is var (whose, _) && IsOwn(whose, tenant)) ? Problem.NotFound($"There is no subscription '{id}'.") : null;
            case TenantPlace.Query when http.Request.Query.TryGetValue(Name, out var asked):
                return IsOwn(asked.ToString(), tenant) ? null : Problem.Forbidden($"You are bound to tenant '{tenant}': leave 'tenant' out, or name that one.");
            case TenantPlace.Query:
                http.Request.Query = new QueryCollection(new Dictionary<string, StringValues>(http.Request.Query, StringComparer.OrdinalIgnoreCase) { [Name] = tenant });
                return null;
            default:
                return null;
        }
    }

    /// <summary>Whether a key that is bound to a tenant must not be told of a policy's subject.</summary>
    public static bool Hides(HttpContext http, string subject) => http.Caller().Operator.Tenant is { } own && !IsOwn(Subjects.TenantOf(subject) ?? "", own);

    private static bool IsOwn(string named, string own) => string.Equals(named, own, StringComparison.Ordinal);
}

internal static class TenantAccessExtensions
{
    /// <summary>Opens an endpoint to keys that are bound to a tenant, for what is that tenant's own.</summary>
    public static RouteHandlerBuilder ForTenants(this RouteHandlerBuilder endpoint, AdminRole role, TenantPlace place) => endpoint.WithMetadata(new TenantAccess(role, place));
}
