using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Where an edge takes connections, so that it can stop taking them before the server stops: the server closes at once what has sent no request yet, and a client that connected in
/// that moment would be cut off. Sockets are opened and served as the server does by itself.
/// </summary>
public sealed class ListenSockets : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // A client whose connect was answered already says so within this time, over a long line or on a machine that has much else to do.
    private static readonly TimeSpan Handshake = TimeSpan.FromMilliseconds(250);

    private readonly SocketTransportFactory _transport;
    private readonly ConcurrentQueue<ListenSocket> _sockets = [];
    private Socket? _opened;

    /// <summary>Takes the transport's options, which it completes.</summary>
    public ListenSockets(IOptions<SocketTransportOptions> options, ILoggerFactory logging)
    {
        options.Value.CreateBoundListenSocket = endpoint => _opened = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        _transport = new SocketTransportFactory(options, logging);
    }

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => _transport.CanBind(endpoint);

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // The server binds one endpoint after the other, and each opens its socket before the call returns.
        var binding = _transport.BindAsync(endpoint, cancellationToken);
        var socket = new ListenSocket(_opened!, await binding);
        _sockets.Enqueue(socket);
        return socket;
    }

    /// <summary>Takes no connection any more. Those that the machine took already, but the server did not, are given to it first: closing the socket would reset them.</summary>
    public async Task CloseAsync(TimeSpan bound, TimeProvider time)
    {
        foreach (var socket in _sockets)
        {
            socket.EndConnects();
        }

        await Task.Delay(Handshake, time);
        await Task.WhenAll(_sockets.Select(socket => socket.CloseAsync(bound, time)));
    }
}
