using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Chaos.Network;

/// <summary>A port at which others reach a process, before the one on which it listens.</summary>
internal sealed class ProxiedPort : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly FaultyNetwork _network;
    private readonly string _owner;
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    private ProxiedPort(FaultyNetwork network, string owner, int target)
    {
        (_network, _owner, _target) = (network, owner, new IPEndPoint(IPAddress.Loopback, target));
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What is to be advertised.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Stands before a port of a process.</summary>
    public static ProxiedPort Start(FaultyNetwork network, string owner, int target) => new(network, owner, target);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                links.RemoveAll(static link => link.IsCompleted);
                links.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        var link = new Link(caller);
        try
        {
            var from = ((IPEndPoint)caller.RemoteEndPoint!).Port;
            if (_network.Owners.Find(from, Port) is { } name && _network.TryEnter(name, _owner, link))
            {
                try
                {
                    await link.RunAsync(_target, _network.Between(name, _owner), _network.Between(_owner, name), _end.Token);
                }
                finally
                {
                    _network.Leave(name, _owner, link);
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Whoever is at the other end sees it as a connection that was cut.
        }
        finally
        {
            link.Reset();
        }
    }
}
