using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Upstreams.Http1;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>
/// Connections to upstreams and providers, kept over revisions: those with equal settings share one pool. No redirects are followed, no cookies kept, no
/// proxy of the environment used, nothing decompressed. Each address is looked at when it is connected to, and some are refused (docs/security.md).
/// </summary>
internal sealed class Connections : IDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<ConnectionSettings, HttpMessageInvoker> _pools = new();
    private readonly ConcurrentDictionary<Place, Http1Pool> _direct = new();
    private readonly SecuredConnections _secured;
    private readonly GuardedConnector _connector;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeping;

    public Connections(EdgeOptions options, OwnPorts own, TimeProvider time, ILogger<Connections> log)
    {
        _time = time;
        _connector = new GuardedConnector(AddressGuard.ForUpstreams(options.PrivateUpstreams, options.OpenRanges, own), refused: new RefusedAddresses(time, log).Tell);
        _secured = new SecuredConnections(_connector, time);
        _sweeping = time.CreateTimer(_ => Sweep(), null, SweepEvery, SweepEvery);
    }

    /// <summary>The pool for an upstream.</summary>
    /// <param name="upstream">As the revision declares it.</param>
    /// <param name="revision">The one that a request runs under.</param>
    public HttpMessageInvoker For(UpstreamResource upstream, EdgeRevision revision) => upstream.Tls is null
        ? Get(new ConnectionSettings(upstream.Timeouts.Connect, upstream.Protocol is UpstreamProtocol.Http2))
        : _secured.Get(new ConnectionSettings(upstream.Timeouts.Connect, upstream.Protocol is UpstreamProtocol.Http2), revision.UpstreamTls[upstream.Name]);

    /// <summary>The pool for a provider.</summary>
    public HttpMessageInvoker For(ProviderResource provider) => Get(new ConnectionSettings(provider.Timeouts.Connect, Http2: false));

    /// <summary>The pool for the token services of providers' accounts.</summary>
    public HttpMessageInvoker ForTokens => Get(new ConnectionSettings(TimeSpan.FromSeconds(5), Http2: false));

    /// <summary>The pool for what is reached over HTTP/1.1 without TLS; null for other addresses.</summary>
    public Http1Pool? DirectTo(Uri address, TimeSpan connect) => string.Equals(address.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal)
        ? _direct.GetOrAdd(new Place(address.IdnHost, address.Port, connect), static (place, self) => new Http1Pool(place.Host, place.Port, place.Connect, self._connector, self._time), this)
        : null;

    public void Dispose()
    {
        _sweeping.Dispose();
        foreach (var pool in _direct.Values)
        {
            pool.Dispose();
        }

        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }

        _secured.Dispose();
    }

    private HttpMessageInvoker Get(ConnectionSettings settings) =>
        _pools.TryGetValue(settings, out var known) ? known : _pools.GetOrAdd(settings, static (s, self) => new HttpMessageInvoker(s.Handler(self._connector.ConnectAsync)), this);

    private void Sweep()
    {
        foreach (var pool in _direct.Values)
        {
            pool.Sweep();
        }

        _secured.Sweep();
    }

    private readonly record struct Place(string Host, int Port, TimeSpan Connect);
}
