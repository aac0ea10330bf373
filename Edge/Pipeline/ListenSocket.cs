using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Edge.Pipeline;

/// <summary>One socket that listens, of <see cref="ListenSockets"/>: it ends without losing a connection that the machine took.</summary>
internal sealed class ListenSocket(Socket socket, IConnectionListener listener) : IConnectionListener
{
    // Of Linux, see socket(7) and bpf(2).
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    // Four instructions (code, jump if true, jump if false, operand): load the flags of TCP; is SYN among them? Then take nothing of the packet; else all.
    private static readonly ulong[] NoConnects =
    [
        Instruction(0x30, 0, 0, 13),
        Instruction(0x45, 0, 1, 0x02),
        Instruction(0x06, 0, 0, 0),
        Instruction(0x06, 0, 0, uint.MaxValue),
    ];

    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public EndPoint EndPoint => listener.EndPoint;

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (await AcceptOpenAsync() is { } connection)
        {
            return connection;
        }

        // The wait is over, and nothing is on its way from the machine to the server: what is left is in the queue.
        if (_closing.IsCancellationRequested && HasWaiting())
        {
            return await listener.AcceptAsync(CancellationToken.None);
        }

        _emptied.TrySetResult();
        return null;
    }

    /// <summary>From here on nobody new can connect. Who tries is refused a second later, by the closed port; a connect that was answered already may be completed.</summary>
    public void EndConnects()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return;
        }

        var filter = GCHandle.Alloc(NoConnects, GCHandleType.Pinned);
        try
        {
            Span<byte> program = stackalloc byte[16];
            program.Clear();
            MemoryMarshal.Write(program, (ushort)NoConnects.Length);
            MemoryMarshal.Write(program[8..], filter.AddrOfPinnedObject());
            socket.SetRawSocketOption(SocketLevel, AttachFilter, program);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A system that takes no filter: who connects between the last look and the close is reset.
        }
        finally
        {
            filter.Free();
        }
    }

    /// <summary>Lets the server take all that waits, at most for <paramref name="bound"/>, and closes the port.</summary>
    public async Task CloseAsync(TimeSpan bound, TimeProvider time)
    {
        await _closing.CancelAsync();
        try
        {
            await _emptied.Task.WaitAsync(bound, time);
        }
        catch (TimeoutException)
        {
            // More connect than can be taken, where connects cannot be ended.
        }

        socket.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _closing.Dispose();
        return listener.DisposeAsync();
    }

    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) => code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)operand << 32);

    private async ValueTask<ConnectionContext?> AcceptOpenAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return null;
        }

        try
        {
            return await listener.AcceptAsync(_closing.Token);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            return null;
        }
    }

    private bool HasWaiting()
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
