using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>WebSockets through plain routes.</summary>
public sealed class WebSocketTests(TlsGateway tls) : IClassFixture<TlsGateway>, IAsyncLifetime
{
    private WebApplication _service = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _service = builder.Build();
        _service.UseWebSockets();
        _service.Run(EchoAsync);
        await _service.StartAsync();
        await tls.Gateway.Admin.ApplyAsync($$"""
            {{tls.Authority.Issue(["sockets.test"]).Bundle("sockets")}}
            ---
            kind: Upstream
            name: sockets
            addresses: ["{{_service.Urls.First()}}"]
            ---
            kind: Route
            name: sockets
            match: { path: /socket, methods: [GET] }
            split: [{ upstream: sockets }]
            """);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("ws", "1.1")]
    [InlineData("wss", "1.1")]
    [InlineData("wss", "2.0")]
    public async Task Messages_go_both_ways_and_the_end_is_told(string scheme, string version)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        using var socket = new ClientWebSocket { Options = { HttpVersion = new Version(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        socket.Options.AddSubProtocol("echo");
        using var invoker = new HttpMessageInvoker(tls.Handler());
        await socket.ConnectAsync(new Uri(scheme is "ws" ? $"ws://127.0.0.1:{tls.Gateway.Edge.Port}/socket" : "wss://sockets.test/socket"), scheme is "ws" ? null : invoker, bound.Token);

        Assert.Equal("echo", socket.SubProtocol);
        var buffer = new byte[64];
        for (var i = 0; i < 5; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, endOfMessage: true, bound.Token);
            var received = await socket.ReceiveAsync(buffer, bound.Token);
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", bound.Token);
        Assert.Equal("done", socket.CloseStatusDescription);
    }

    private static async Task EchoAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync("echo");
        var buffer = new byte[64];
        while (await socket.ReceiveAsync(buffer, http.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, http.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, http.RequestAborted);
    }
}
