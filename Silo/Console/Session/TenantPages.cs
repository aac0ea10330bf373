using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Sluice.Silo.Console.Hosting;

namespace Sluice.Silo.Console.Session;

/// <summary>A page that is open to who is signed in for one tenant alone; the others are not.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ForTenantsAttribute : Attribute;

/// <summary>Which pages are open to whom. What they show and do is the API's to allow.</summary>
internal static class TenantPages
{
    /// <summary>The claim that names the only tenant whom somebody is signed in for.</summary>
    public const string Claim = "sluice:tenant";

    /// <summary>The only tenant whom somebody is signed in for; null: no such bound.</summary>
    public static string? OwnOf(ClaimsPrincipal user) => user.FindFirstValue(Claim);

    /// <summary>Where somebody's pages begin.</summary>
    public static string Home(string? own) => own is null ? "" : $"tenants/{own}";

    /// <summary>Where a sign-in leads: who asked for no page of their own is led to where their pages begin.</summary>
    public static string Goal(string asked, string? own) => string.Equals(asked, $"{ConsoleHost.Path}/", StringComparison.Ordinal) ? asked + Home(own) : asked;

    /// <summary>Whether a page may be opened, by a request or from another page.</summary>
    public static bool MayOpen(AuthorizationHandlerContext context)
    {
        var page = context.Resource switch
        {
            HttpContext http => http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type,
            RouteData route => route.PageType,
            _ => null,
        };
        return page is null || OwnOf(context.User) is null || page.IsDefined(typeof(ForTenantsAttribute), inherit: false);
    }
}
