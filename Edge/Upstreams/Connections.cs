using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>
/// Connections to upstreams and providers, kept over revisions: those with equal settings share one pool. No redirects are followed, no cookies kept, no
/// proxy of the environment used, nothing decompressed.
/// </summary>
public sealed class Connections : IDisposable
{
    private readonly ConcurrentDictionary<Settings, HttpMessageInvoker> _pools = new();

    /// <summary>The pool for an upstream.</summary>
    public HttpMessageInvoker For(UpstreamResource upstream) => Get(new Settings(upstream.Timeouts.Connect, upstream.Protocol is UpstreamProtocol.Http2));

    /// <summary>The pool for a provider.</summary>
    public HttpMessageInvoker For(ProviderResource provider) => Get(new Settings(provider.Timeouts.Connect, Http2: false));

    public void Dispose()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
    }

    private HttpMessageInvoker Get(Settings settings) =>
        _pools.TryGetValue(settings, out var known) ? known : _pools.GetOrAdd(settings, static s => new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = s.Connect,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            EnableMultipleHttp2Connections = s.Http2,
            MaxResponseHeadersLength = 64,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        }));

    private readonly record struct Settings(TimeSpan Connect, bool Http2);
}
