using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>The headers that a plain upstream is sent: the client's, but for those of the connection and its Sluice key, and who forwarded.</summary>
internal static class RouteHeaders
{
    /// <summary>Gives each to <paramref name="add"/>.</summary>
    public static void Write<T>(in Arrival arrival, RouteAccess access, T to, Action<T, string, string?> add)
    {
        var http = arrival.Http;
        var request = http.Request;
        var nominated = HeaderRules.NominatedBy(request.Headers.Connection);
        foreach (var (name, values) in request.Headers)
        {
            if (!HeaderRules.PassesToUpstream(name) || IsKey(name, values, access) || nominated?.Contains(name) is true)
            {
                continue;
            }

            for (var i = 0; i < values.Count; i++)
            {
                add(to, name, values[i]);
            }
        }

        add(to, "X-Forwarded-For", http.Connection.RemoteIpAddress?.ToString());
        add(to, "X-Forwarded-Proto", request.Scheme);
        add(to, "X-Forwarded-Host", request.Host.Value);
        add(to, "sluice-request-id", arrival.RequestId);
    }

    // A Sluice key is for Sluice; a service's own credentials pass.
    private static bool IsKey(string name, StringValues value, RouteAccess access) =>
        HeaderRules.MayHoldKey(name) && (access is RouteAccess.Key || Identification.HoldsKey(value));
}
