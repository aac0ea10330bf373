using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Processes;

/// <summary>What a proxy does to the connections through it.</summary>
public enum Fault
{
    /// <summary>Bytes go through.</summary>
    None,

    /// <summary>Connections stay, and nothing goes through either way: what comes waits.</summary>
    Stalled,

    /// <summary>Connections stay, and what the server sends waits, while what the client sends goes through.</summary>
    Deaf,

    /// <summary>Connections are reset, and new ones refused.</summary>
    Cut,
}

/// <summary>A TCP proxy between two processes of a test, on a free loopback port, that can be told to fail.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile Fault _fault;

    /// <summary>Starts in front of a loopback port.</summary>
    public FaultProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What goes wrong from now on.</summary>
    public Fault Fault
    {
        get => _fault;
        set
        {
            _fault = value;
            if (value is Fault.Cut)
            {
                foreach (var client in _open.Keys)
                {
                    Reset(client);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        foreach (var client in _open.Keys)
        {
            Reset(client);
        }

        await _accepting;
        _end.Dispose();
    }

    private static void Reset(TcpClient client)
    {
        try
        {
            client.Client.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or NullReferenceException)
        {
            // It was closed already.
        }

        client.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = ServeAsync(near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Ended.
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using var far = new TcpClient();
        try
        {
            if (Fault is Fault.Cut)
            {
                return;
            }

            await far.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            _open[near] = _open[far] = true;
            await Task.WhenAny(PumpAsync(near, far, Fault.Stalled, Fault.Stalled), PumpAsync(far, near, Fault.Stalled, Fault.Deaf));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // Either side has ended it.
        }
        finally
        {
            _open.TryRemove(near, out _);
            _open.TryRemove(far, out _);
            Reset(near);
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Fault first, Fault second)
    {
        var buffer = new byte[16 * 1024];
        while (await from.GetStream().ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            while (Fault == first || Fault == second)
            {
                await Task.Delay(Look, TimeProvider.System, _end.Token);
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }
}
