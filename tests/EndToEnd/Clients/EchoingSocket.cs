using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>A server that sends back what a web socket sends it.</summary>
internal sealed class EchoingSocket : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoingSocket(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public string Address => _app.Urls.First();

    /// <summary>Starts on a free port.</summary>
    public static async Task<EchoingSocket> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer, http.RequestAborted) is { CloseStatus: null } got)
            {
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, http.RequestAborted);
            }

            await socket.CloseOutputAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, http.RequestAborted);
        });
        await app.StartAsync();
        return new EchoingSocket(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
