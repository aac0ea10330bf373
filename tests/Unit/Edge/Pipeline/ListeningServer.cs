using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge.Pipeline;

namespace Sluice.Tests.Unit.Edge.Pipeline;

/// <summary>A server that answers 204 to everything, on sockets of <see cref="ListenSockets"/>.</summary>
internal static class ListeningServer
{
    /// <summary>Of this machine, and nobody else's: a port that was closed is not another test's a moment later, while a connect to it is still repeated.</summary>
    public static readonly IPAddress Address = new([127, 83, 76, 67]);

    public static async Task<WebApplication> StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(Address, 0, listen => listen.Protocols = HttpProtocols.Http1));
        builder.Services.AddSingleton<ListenSockets>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<ListenSockets>());
        var server = builder.Build();
        server.Run(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await server.StartAsync(cancellation);
        return server;
    }
}
