using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>Connections to one place without TLS, kept between requests. The last one given back is the first one taken, so that those that are too many grow old.</summary>
internal sealed class Http1Pool(string host, int port, TimeSpan connectTime, GuardedConnector connector, TimeProvider time) : IDisposable
{
    private const int MostIdle = 1024;
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);
    private readonly ConcurrentStack<Http1Connection> _idle = new();
    private int _count;

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
    }

    /// <summary>Closes what has been idle for too long.</summary>
    public void Sweep()
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

    public void Dispose()
    {
        while (_idle.TryPop(out var connection))
        {
            connection.Close();
        }
    }

    private bool IsFresh(Http1Connection connection) =>
        connection.IsOpen && time.GetElapsedTime(connection.IdleSince) < LongestIdle && time.GetElapsedTime(connection.Born) < LongestLife;
}
