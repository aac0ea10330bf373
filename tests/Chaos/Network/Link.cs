using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Sluice.Tests.Chaos.Network;

/// <summary>One connection, carried on to where it was meant for.</summary>
internal sealed class Link(Socket caller)
{
    private const int MostUnderWay = 64;
    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Ends when both ends are closed.</summary>
    public async Task RunAsync(IPEndPoint target, Flow there, Flow back, CancellationToken cancellation)
    {
        caller.NoDelay = true;
        await _target.ConnectAsync(target, cancellation);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ways = new[] { CarryAsync(caller, _target, there, broken), CarryAsync(_target, caller, back, broken) };
        await Task.WhenAll(ways);
    }

    /// <summary>Cuts it: both ends see a reset.</summary>
    public void Reset()
    {
        foreach (var socket in new[] { caller, _target })
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed already.
            }

            socket.Dispose();
        }
    }

    // Read ahead and written in order, each piece when it is due: what is late holds up what comes after it, and a bounded amount is kept.
    private async Task CarryAsync(Socket from, Socket to, Flow flow, CancellationTokenSource broken)
    {
        var pieces = Channel.CreateBounded<(byte[] Bytes, long Read)>(MostUnderWay);
        var writing = WriteAsync(pieces.Reader, to, flow, broken);
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.ReceiveAsync(buffer, broken.Token) is var count and > 0)
            {
                await pieces.Writer.WriteAsync((buffer[..count], TimeProvider.System.GetTimestamp()), broken.Token);
            }

            pieces.Writer.Complete();
            await writing;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            pieces.Writer.TryComplete();
            await flow.PassAsync(broken.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await broken.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task WriteAsync(ChannelReader<(byte[] Bytes, long Read)> pieces, Socket to, Flow flow, CancellationTokenSource broken)
    {
        try
        {
            await foreach (var (bytes, read) in pieces.ReadAllAsync(broken.Token))
            {
                if (flow.Delay - TimeProvider.System.GetElapsedTime(read) is { Ticks: > 0 } rest)
                {
                    await Task.Delay(rest, TimeProvider.System, broken.Token);
                }

                await flow.PassAsync(broken.Token);
                for (var sent = 0; sent < bytes.Length;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent), broken.Token);
                }
            }

            await flow.PassAsync(broken.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await broken.CancelAsync();
        }
    }
}
