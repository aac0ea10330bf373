using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Tls;

/// <summary>
/// The listener for TLS. Each handshake takes its certificate from the revision that is active in that moment, so that a new one serves new connections at once; those
/// that are open live on. All that a handshake needs was made when the revision was prepared. See docs/certificates.md.
/// </summary>
internal sealed class TlsListening(ActiveRevision active, TlsMeter meter, EdgeOptions options)
{
    private const string UnknownName = "unknown-name";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    // RFC 8446 §6: alert (21), TLS 1.2 as records say, two bytes: fatal (2), unrecognized_name (112).
    private static readonly byte[] UnrecognizedName = [21, 3, 3, 0, 2, 2, 112];

    /// <summary>Has a listener speak HTTP/2 and HTTP/1.1 over TLS, and HTTP/3 over QUIC where that is asked for.</summary>
    public void UseOn(ListenOptions listen)
    {
        listen.Protocols = options.Http3 ? HttpProtocols.Http1AndHttp2AndHttp3 : HttpProtocols.Http1AndHttp2;

        // The server would tell its own port, whichever one clients come to.
        listen.DisableAltSvcHeader = true;
        listen.Use(next => connection => CountAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = Bound, OnConnection = ChooseAsync });
        listen.Use(next => connection => ServeAsync(connection, next));
        if (options.Http3)
        {
            ((IMultiplexedConnectionBuilder)listen).Use(next => connection =>
            {
                // Of QUIC's handshakes only those come here that were done.
                End(connection);
                return next(new ClosingConnection(connection));
            });
        }
    }

    private void End(BaseConnectionContext connection)
    {
        connection.Features.GetRequiredFeature<Handshake>().IsDone = true;
        meter.Ended("done");
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        End(connection);
        await next(connection);
        await TellEndAsync(connection.Features.GetRequiredFeature<ISslStreamFeature>().SslStream);
    }

    // RFC 8446 §6.1: close_notify, which Kestrel leaves out. OpenSSL takes an end without it for an attack, and forgets the session, which could not be resumed then.
    private static async Task TellEndAsync(SslStream stream)
    {
        try
        {
            // It is in the connection's pipe at once; only who does not read keeps it waiting.
            await stream.ShutdownAsync().WaitAsync(Bound);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or TimeoutException)
        {
            // The connection broke before: there is nobody to be told.
        }
    }

    // What the server itself could not bring to its end does not come to the one after it.
    private async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var handshake = new Handshake();
        connection.Features.Set(handshake);
        await next(connection);
        if (!handshake.IsDone)
        {
            meter.Ended(handshake.IsUnknown ? UnknownName : "failed");
        }
    }

    private ValueTask<SslServerAuthenticationOptions> ChooseAsync(TlsHandshakeCallbackContext context)
    {
        // QUIC begins with this call.
        var handshake = context.Connection.Features.Get<Handshake>();
        var isQuic = handshake is null;
        if (handshake is null)
        {
            context.Connection.Features.Set(handshake = new Handshake());
        }

        if (active.Current?.Certificates.Find(context.ClientHelloInfo.ServerName) is not { } certificate)
        {
            handshake.IsUnknown = true;
            return isQuic ? RefuseQuic() : RefuseAsync(context);
        }

        handshake.Certificate = certificate;
        return ValueTask.FromResult(isQuic ? certificate.QuicOptions : certificate.Options);
    }

    private ValueTask<SslServerAuthenticationOptions> RefuseQuic()
    {
        meter.Ended(UnknownName);
        throw Undeclared();
    }

    private static AuthenticationException Undeclared() => new("No certificate is declared for the name that the client asks for.");

    private static async ValueTask<SslServerAuthenticationOptions> RefuseAsync(TlsHandshakeCallbackContext context)
    {
        // The stream itself would say nothing and close.
        await context.Connection.Transport.Output.WriteAsync(UnrecognizedName, context.CancellationToken);
        throw Undeclared();
    }
}
