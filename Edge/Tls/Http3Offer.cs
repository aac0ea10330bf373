using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Tls;

/// <summary>Tells clients that came over TLS that the same is served over HTTP/3, and where (RFC 7838): they use it from their next connection on.</summary>
internal sealed class Http3Offer(EdgeOptions options)
{
    private readonly int _port = options.AdvertisedHttp3Port == 0 ? -1 : options.HttpsPort;

    // For how long a client may remember it, in seconds: a day.
    private readonly StringValues _value = FormattableString.Invariant($"h3=\":{options.AdvertisedHttp3Port}\"; ma=86400");

    /// <summary>Puts it into an answer, unless the edge is about to end or the client is there already.</summary>
    public void Tell(in Arrival arrival)
    {
        var http = arrival.Http;
        if (!arrival.IsLast && http.Connection.LocalPort == _port && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Response.Headers.AltSvc = _value;
        }
    }
}
