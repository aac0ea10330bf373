using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans.Dashboard;
using Orleans.Hosting;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>
/// The Orleans Dashboard at <c>/dashboard</c>: silos, activations, calls and how long they take. Pages of another product, so not part of the API's
/// description; behind the same gate, for operators, to be read only.
/// </summary>
internal static class Dashboard
{
    private const string Prefix = "/dashboard";

    // It calls whatever methods without arguments a grain has, and shows what they answer; no page needs that.
    private const string GrainState = $"{Prefix}/GrainState";

    /// <summary>Adds what collects the numbers. Calls are measured only while somebody looks, and a minute longer.</summary>
    public static ISiloBuilder AddSluiceDashboard(this ISiloBuilder silo) => silo.AddDashboard(dashboard => dashboard.HideTrace = true);

    /// <summary>Maps the pages and their data.</summary>
    public static void Map(WebApplication app)
    {
        var pages = app.MapOrleansDashboard(Prefix);
        pages.WithMetadata(new Declaration(AdminRole.Operator, []) { ForBrowsers = true });
        pages.ExcludeFromDescription();
        pages.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.ContentSecurityPolicy = "frame-ancestors 'none'";
            return http.Request.Path.StartsWithSegments(GrainState, StringComparison.OrdinalIgnoreCase)
                ? Problem.NotFound("The state of grains is not shown here: the admin API shows what is declared.")
                : await next(context);
        });
    }
}
