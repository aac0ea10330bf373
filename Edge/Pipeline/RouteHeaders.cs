using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Edge.Tls;
using Sluice.Edge.Tracing;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>The headers that a plain upstream is sent: the client's, but for those of the connection and its Sluice key, and who forwarded.</summary>
internal static class RouteHeaders
{
    /// <summary>Gives each to <paramref name="add"/>.</summary>
    public static void Write<T>(in Arrival arrival, RouteAccess access, RouteEdit? edit, T to, Action<T, string, string?> add)
    {
        var http = arrival.Http;
        var request = http.Request;
        var nominated = NominatedHeaders.Of(request.Headers.Connection);
        foreach (var (name, values) in request.Headers)
        {
            if (!HeaderRules.PassesToUpstream(name) || IsKey(name, values, access) || nominated?.Contains(name) is true || edit?.DropsFromRequest(name) is true)
            {
                continue;
            }

            if (arrival.Trace is not null && string.Equals(name, RequestTrace.Header, StringComparison.OrdinalIgnoreCase))
            {
                add(to, name, RequestTrace.Current);
                continue;
            }

            for (var i = 0; i < values.Count; i++)
            {
                add(to, name, values[i]);
            }
        }

        add(to, HeaderRules.ForwardedFor, http.Connection.RemoteIpAddress?.ToString());
        add(to, HeaderRules.ForwardedProto, request.Scheme);
        add(to, HeaderRules.ForwardedHost, request.Host.Value);
        add(to, HeaderRules.RequestId, arrival.RequestId);
        if (arrival.Revision.Certificates is { AsksClients: true } certificates && ShownCertificate.Of(http, certificates) is { } identity)
        {
            add(to, HeaderRules.ForwardedClientCertificate, identity);
        }

        edit?.AddToRequest(to, add);
    }

    private static bool IsKey(string name, StringValues values, RouteAccess access)
    {
        var holdsKey = false;
        for (var i = 0; i < values.Count && !holdsKey; i++)
        {
            holdsKey = HeaderRules.MayHoldKey(name) && HeaderRules.HoldsKey(values[i]);
        }

        return HeaderRules.IsKeyOfSluice(name, access, holdsKey);
    }
}
