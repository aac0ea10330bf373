using System.Net;
using System.Text;

namespace Sluice.Edge.Upstreams;

/// <summary>What connections have in common that are kept together.</summary>
/// <param name="Connect">How long connecting may take, TLS included.</param>
/// <param name="Http2">Whether HTTP/2 is spoken, and not HTTP/1.1.</param>
internal readonly record struct ConnectionSettings(TimeSpan Connect, bool Http2)
{
    /// <summary>A handler with them: no redirects, no cookies, no proxy of the environment, nothing decompressed.</summary>
    /// <param name="connect">Opens a connection; one that is secured already is taken as it is.</param>
    public SocketsHttpHandler Handler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = Connect,
        ConnectCallback = connect,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        EnableMultipleHttp2Connections = Http2,
        MaxResponseHeadersLength = 64,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };
}
