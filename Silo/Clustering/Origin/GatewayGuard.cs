using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization.Session;

namespace Sluice.Silo.Clustering.Origin;

/// <summary>
/// Makes sure that whoever comes through a gateway port speaks for itself only: what it says of the sender of its messages is checked against how its
/// connection introduced itself, before Orleans reads it. So <see cref="EdgeCallFilter"/> may rest on the sender. See docs/security.md.
/// </summary>
internal static class GatewayGuard
{
    /// <summary>Puts the guard on a silo's gateway port; behind TLS where that was set up before.</summary>
    public static void UseOn(ISiloBuilder silo) => silo.Services.AddOptions<SiloConnectionOptions>()
        .Configure<SerializerSessionPool, IOptions<SiloMessagingOptions>, ILoggerFactory>((connections, sessions, messaging, logs) =>
            connections.ConfigureGatewayInboundConnection(gateway => gateway.Use(next =>
                connection => GuardAsync(connection, next, sessions, messaging.Value.MaxMessageHeaderSize, logs.CreateLogger(typeof(GatewayGuard))))));

    private static async Task GuardAsync(ConnectionContext connection, ConnectionDelegate next, SerializerSessionPool sessions, int largestHeader, ILogger log)
    {
        using var session = sessions.GetSession();
        var transport = connection.Transport;
        connection.Transport = new Guarded(new GuardedInput(transport.Input, session, largestHeader, connection.RemoteEndPoint?.ToString() ?? "?", log), transport.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    private sealed record Guarded(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
