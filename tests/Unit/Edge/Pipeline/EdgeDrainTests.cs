using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Pipeline;

public sealed class EdgeDrainTests
{
    private static readonly EdgeOptions Options = new() { DrainDelay = TimeSpan.FromSeconds(5) };
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_client_that_had_connected_when_the_edge_stopped_listening_is_answered()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await ListeningServer.StartAsync(cancellation);
        using var deadlines = new Deadlines(_time);
        var drain = new EdgeDrain(Options, server.Services.GetRequiredService<ListenSockets>(), server.Services.GetRequiredService<IServer>(), deadlines, _time);
        var port = new Uri(server.Urls.Single()).Port;
        using var early = new TcpClient();
        await early.ConnectAsync(ListeningServer.Address, port, cancellation);

        var drained = drain.RunAsync();
        _time.Advance(Options.DrainDelay!.Value);
        await Eventually.HoldsAsync(async () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return !await CanConnectAsync(port, cancellation);
        });
        await early.Client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
        using var reader = new StreamReader(early.GetStream(), Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 204", await reader.ReadToEndAsync(cancellation));

        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return drained.IsCompleted;
        });
        await drained;
    }

    private static async Task<bool> CanConnectAsync(int port, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromMilliseconds(300));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(ListeningServer.Address, port, bound.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return true;
        }
    }
}
