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
    private readonly Lock _gate = new();

    // A pool lives as long as somebody has an address of it, or it holds connections: of addresses that went nothing stays.
    private readonly Dictionary<Place, WeakReference<Http1Pool>> _direct = [];
    private readonly ConcurrentDictionary<Http1Pool, bool> _watched = new();
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
    public Http1Pool? DirectTo(Uri address, TimeSpan connect)
    {
        if (!string.Equals(address.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal))
        {
            return null;
        }

        var place = new Place(address.IdnHost, address.Port, connect);
        lock (_gate)
        {
            if (!_direct.TryGetValue(place, out var known) || !known.TryGetTarget(out var pool))
            {
                pool = new Http1Pool(place.Host, place.Port, place.Connect, _connector, _time, self => _watched[self] = true);
                _direct[place] = new WeakReference<Http1Pool>(pool);
            }

            return pool;
        }
    }

    /// <summary>To how many places without TLS connections may be kept.</summary>
    public int Places
    {
        get
        {
            lock (_gate)
            {
                return _direct.Count;
            }
        }
    }

    public void Dispose()
    {
        _sweeping.Dispose();
        foreach (var pool in _watched.Keys)
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

    /// <summary>Closes what was idle for too long, and forgets what nobody has any more; done now and then by itself.</summary>
    public void Sweep()
    {
        foreach (var pool in _watched.Keys)
        {
            pool.Sweep(left => _watched.TryRemove(left, out _));
        }

        lock (_gate)
        {
            foreach (var (place, pool) in _direct)
            {
                if (!pool.TryGetTarget(out _))
                {
                    _direct.Remove(place);
                }
            }
        }

        _secured.Sweep();
    }

    private readonly record struct Place(string Host, int Port, TimeSpan Connect);
}
