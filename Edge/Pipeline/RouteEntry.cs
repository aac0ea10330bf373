using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>Who is let in on a plain route: from where he calls, by his key or token, and by what that allows.</summary>
internal sealed class RouteEntry(Identification identification)
{
    /// <summary>The caller, null on a public route; or why the request is not let in.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="route">What it matched.</param>
    /// <param name="known">Who it is from, where that had to be known before.</param>
    public ValueTask<Identified> EnterAsync(in Arrival arrival, CompiledRoute route, in Identified? known)
    {
        var declared = route.Resource;
        if (declared.Clients is { } clients && !clients.Takes(arrival.Http.Connection.RemoteIpAddress))
        {
            return ValueTask.FromResult(new Identified(null, new ClientError(403, "Requests from this address are not taken here.", "address_not_allowed") { By = declared.Label }));
        }

        if (declared.Access is RouteAccess.Public)
        {
            return ValueTask.FromResult(default(Identified));
        }

        var entering = declared.TakesBasic && BasicKey.Read(arrival.Http.Request.Headers.Authorization.ToString()) is { } password ? identification.IdentifyAsync(arrival, password, password.AsMemory())
            : known is { } before ? ValueTask.FromResult(before)
            : identification.IdentifyAsync(arrival);
        return declared.Scopes.IsEmpty ? entering : CheckAsync(arrival.Http, declared, entering);
    }

    private static async ValueTask<Identified> CheckAsync(HttpContext http, RouteResource route, ValueTask<Identified> entering)
    {
        var entered = await entering;
        if (entered.Caller is not { } caller || caller.Has(route.Scopes))
        {
            return entered;
        }

        // RFC 6750, section 3.1.
        var scopes = string.Join(' ', route.Scopes);
        http.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scopes}\"";
        return new Identified(null, new ClientError(403, $"This needs a key or token with {(route.Scopes.Length == 1 ? "the scope" : "the scopes")} {scopes}.", "insufficient_scope") { By = route.Label });
    }
}
