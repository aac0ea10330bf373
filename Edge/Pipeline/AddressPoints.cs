using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>Where a request lies on the ring of an upstream's addresses; one without the value that is hashed lies anywhere.</summary>
internal static class AddressPoints
{
    /// <summary>The point; 0 where the upstream does not hash.</summary>
    public static ulong Of(UpstreamResource upstream, HttpContext http, Caller? caller)
    {
        if (upstream.Hash is not { } hash)
        {
            return 0;
        }

        var value = hash.By switch
        {
            HashBy.Header => http.Request.Headers[hash.Name!].ToString(),
            HashBy.Cookie => http.Request.Cookies[hash.Name!],
            HashBy.Subject => caller?.Identity.User ?? caller?.Identity.KeyId,
            _ => http.Connection.RemoteIpAddress?.ToString(),
        };
        return string.IsNullOrEmpty(value) ? (ulong)(Chance.Next() * ulong.MaxValue) : HashRing.PointOf(value);
    }
}
