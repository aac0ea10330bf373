using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>What each endpoint of the admin API declares: the least role, and the query parameters that it takes. Others are refused.</summary>
/// <param name="Role">The least role; null: the endpoint is open to all and shows nothing.</param>
/// <param name="Query">All query parameters.</param>
public sealed record Declaration(AdminRole? Role, IReadOnlyList<QueryParameter> Query)
{
    /// <summary>True: pages that a browser opens. The key may come by HTTP Basic, and the query is the pages' own.</summary>
    public bool ForBrowsers { get; init; }

    /// <summary>True: the key may come by HTTP Basic, as programs that were written for other servers send it.</summary>
    public bool TakesBasic { get; init; }
}

/// <summary>A query parameter.</summary>
/// <param name="Type">As OpenAPI names it: <c>string</c>, <c>integer</c> or <c>boolean</c>.</param>
public sealed record QueryParameter(string Name, string Type, string Description);

internal static class DeclarationExtensions
{
    /// <summary>Declares an endpoint that needs a key of at least this role.</summary>
    public static RouteHandlerBuilder Declare(
        this RouteHandlerBuilder endpoint, AdminRole role, string name, string summary, params QueryParameter[] query) => endpoint
        .WithMetadata(new Declaration(role, query))
        .WithName(name)
        .WithSummary(summary)
        .Produces<Problem>(StatusCodes.Status401Unauthorized, "application/problem+json")
        .Produces<Problem>(StatusCodes.Status403Forbidden, "application/problem+json")
        .Produces<Problem>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");

    /// <summary>Names the statuses of problems that an endpoint answers beside those of every endpoint.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<Problem>(status, "application/problem+json");
        }

        return endpoint;
    }
}
