using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>Connections to one place without TLS, kept between requests. The last one given back is the first one taken, so that those that are too many grow old.</summary>
/// <param name="host">A name or an address.</param>
/// <param name="port">1 to 65535.</param>
/// <param name="connectTime">How long connecting may take.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="time">The clock.</param>
/// <param name="watch">Is told where it comes to hold idle connections: from then on it is to be swept till it holds none.</param>
internal sealed class Http1Pool(string host, int port, TimeSpan connectTime, GuardedConnector connector, TimeProvider time, Action<Http1Pool> watch) : IDisposable
{
    private const int MostIdle = 1024;
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);
    private readonly ConcurrentStack<Http1Connection> _idle = new();
    private int _count;
    private int _isWatched;

    /// <summary>The value of <c>Host</c>.</summary>
    public byte[] HostHeader { get; } = Encoding.ASCII.GetBytes(port == 80 ? host : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{host}:{port}"));

    /// <summary>A connection that was used before and is still open, or null.</summary>
    public Http1Connection? TryTake()
    {
        while (_idle.TryPop(out var connection))
        {
            Interlocked.Decrement(ref _count);
            if (IsFresh(connection))
            {
                return connection;
            }

            connection.Close();
        }

        return null;
    }

    /// <summary>A new connection.</summary>
    /// <exception cref="HttpRequestException">There is none to be had: nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">The time to connect is over, or the request was cancelled.</exception>
    public async ValueTask<Http1Connection> ConnectAsync(CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(connectTime);
        try
        {
            return new Http1Connection(this, await connector.ConnectAsync(host, port, isPlain: true, bound.Token), time.GetTimestamp());
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, e.Message, e);
        }
        catch (Exception e) when (e is SocketException or AddressRefusedException)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }

    /// <summary>Keeps a connection whose answer was read to its end.</summary>
    public void Return(Http1Connection connection)
    {
        if (Volatile.Read(ref _count) >= MostIdle)
        {
            connection.Close();
            return;
        }

        connection.IdleSince = time.GetTimestamp();
        Interlocked.Increment(ref _count);
        _idle.Push(connection);
        Watch();
    }

    /// <summary>Closes what has been idle for too long. One that holds none any more is not watched until it does.</summary>
    /// <param name="unwatch">Ends the watching, before it may begin anew.</param>
    public void Sweep(Action<Http1Pool> unwatch)
    {
        CloseOld();
        if (Volatile.Read(ref _count) > 0)
        {
            return;
        }

        // A connection that is given back amid this is seen here, or sees that nobody watches.
        unwatch(this);
        Interlocked.Exchange(ref _isWatched, 0);
        if (Volatile.Read(ref _count) > 0)
        {
            Watch();
        }
    }

    /// <summary>Closes what is idle.</summary>
    public void CloseIdle()
    {
        while (_idle.TryPop(out var connection))
        {
            Interlocked.Decrement(ref _count);
            connection.Close();
        }
    }

    public void Dispose() => CloseIdle();

    private void Watch()
    {
        if (Volatile.Read(ref _isWatched) == 0 && Interlocked.Exchange(ref _isWatched, 1) == 0)
        {
            watch(this);
        }
    }

    private void CloseOld()
    {
        var all = new Http1Connection[Math.Max(1, Volatile.Read(ref _count))];
        var taken = _idle.TryPopRange(all);
        Interlocked.Add(ref _count, -taken);
        for (var i = taken - 1; i >= 0; i--)
        {
            if (!IsFresh(all[i]))
            {
                all[i].Close();
                continue;
            }

            Interlocked.Increment(ref _count);
            _idle.Push(all[i]);
        }
    }

    private bool IsFresh(Http1Connection connection) =>
        connection.IsOpen && time.GetElapsedTime(connection.IdleSince) < LongestIdle && time.GetElapsedTime(connection.Born) < LongestLife;
}
