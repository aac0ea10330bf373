using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// The sockets on which an edge takes connections, so that it can stop taking them before the server stops: the server closes at once what has sent no request yet, and a client
/// that connected in that moment would be cut off.
/// </summary>
public sealed class ListenSockets
{
    // Of Linux, see socket(7): a filter of one instruction, BPF_RET 0, which takes no packet.
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private static readonly ulong[] TakeNothing = [6];
    private readonly ConcurrentQueue<Socket> _sockets = [];

    /// <summary>Opens the socket of an endpoint, as the server does by itself.</summary>
    public Socket Open(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        _sockets.Enqueue(socket);
        return socket;
    }

    /// <summary>Takes no connection any more. Those that the machine took already, but the server did not, are given to it first: closing the socket would reset them.</summary>
    public async Task CloseAsync(TimeSpan bound, TimeProvider time)
    {
        var start = time.GetTimestamp();
        while (_sockets.TryDequeue(out var socket))
        {
            EndConnects(socket);
            while (HasWaiting(socket) && time.GetElapsedTime(start) < bound)
            {
                await Task.Yield();
            }

            socket.Dispose();
        }
    }

    // From here on nobody new can connect, so that none does between the last look and the close; who tries is refused a second later, by the closed port.
    private static void EndConnects(Socket socket)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return;
        }

        var filter = GCHandle.Alloc(TakeNothing, GCHandleType.Pinned);
        try
        {
            Span<byte> program = stackalloc byte[16];
            program.Clear();
            MemoryMarshal.Write(program, (ushort)TakeNothing.Length);
            MemoryMarshal.Write(program[8..], filter.AddrOfPinnedObject());
            socket.SetRawSocketOption(SocketLevel, AttachFilter, program);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A system that takes no filter: the moment between the look and the close stays.
        }
        finally
        {
            filter.Free();
        }
    }

    private static bool HasWaiting(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
