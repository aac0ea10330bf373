using System.Collections.Concurrent;
using System.Security.Authentication;
using Sluice.Edge.Tls;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge.Upstreams;

/// <summary>
/// Connections to upstreams that declare TLS of their own. Those that were made with what a secret held before are kept apart from those with what it holds now: a new request
/// never comes to an old one, and what runs on it goes on.
/// </summary>
internal sealed class SecuredConnections(GuardedConnector connector, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestUnused = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<(ConnectionSettings Settings, ClientTls Tls), Pool> _pools = new();
    private List<Pool> _left = [];

    /// <summary>Those of an upstream.</summary>
    public HttpMessageInvoker Get(ConnectionSettings settings, ClientTls tls)
    {
        var pool = _pools.TryGetValue((settings, tls), out var known) ? known : _pools.GetOrAdd((settings, tls), static (key, self) => new Pool(self.Create(key.Settings, key.Tls)), this);
        pool.AskedAt = time.GetTimestamp();
        return pool.Invoker;
    }

    /// <summary>Lets go of what nobody asked for in a while: a time after it is not found any more, lest somebody holds it who has not sent yet. What runs on it goes on.</summary>
    public void Sweep()
    {
        _left.ForEach(pool => pool.Invoker.Dispose());
        _left = [];
        foreach (var (key, pool) in _pools)
        {
            if (time.GetElapsedTime(pool.AskedAt) > LongestUnused && _pools.TryRemove(key, out _))
            {
                _left.Add(pool);
            }
        }
    }

    public void Dispose()
    {
        foreach (var pool in _left.Concat(_pools.Values))
        {
            pool.Invoker.Dispose();
        }
    }

    private HttpMessageInvoker Create(ConnectionSettings settings, ClientTls tls) => new(settings.Handler(async (context, cancellation) =>
    {
        if (!tls.IsUsable)
        {
            throw new AuthenticationException($"{tls} could not be made on this edge, so nothing is connected to");
        }

        return await tls.SecureAsync(await connector.ConnectAsync(context, cancellation), context.DnsEndPoint.Host, settings.Http2, cancellation);
    }));

    private sealed class Pool(HttpMessageInvoker invoker)
    {
        private long _askedAt;

        public HttpMessageInvoker Invoker => invoker;

        public long AskedAt
        {
            get => Volatile.Read(ref _askedAt);
            set => Volatile.Write(ref _askedAt, value);
        }
    }
}
