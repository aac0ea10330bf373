using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        var sockets = new ListenSockets();
        await using var server = await StartAsync(sockets, cancellation);
        using var deadlines = new Deadlines(_time);
        var drain = new EdgeDrain(Options, sockets, server.Services.GetRequiredService<IServer>(), deadlines, _time);
        var port = new Uri(server.Urls.Single()).Port;
        using var early = new TcpClient();
        await early.ConnectAsync(IPAddress.Loopback, port, cancellation);

        var drained = drain.RunAsync();
        _time.Advance(Options.DrainDelay!.Value);
        await Eventually.HoldsAsync(() => !CanConnect(port));
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

    private static async Task<WebApplication> StartAsync(ListenSockets sockets, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = sockets.Open);
        var server = builder.Build();
        server.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await server.StartAsync(cancellation);
        return server;
    }

    private static bool CanConnect(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
