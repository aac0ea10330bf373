using Microsoft.AspNetCore.Http;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Tls;

/// <summary>
/// A host whose certificate requires certificates of clients is reached by no other way: not over a connection that was made for another host, or before that was
/// required, nor without TLS.
/// </summary>
internal static class ClientCertificateRule
{
    /// <summary>Why a request is refused; null: it may pass.</summary>
    /// <param name="http">The request.</param>
    /// <param name="certificates">Of the revision that it runs under.</param>
    public static ClientError? Check(HttpContext http, ServerCertificates certificates)
    {
        var host = http.Request.Host.Value;
        if (certificates.Find(string.IsNullOrEmpty(host) ? "" : HostNames.WithoutPort(host)) is not { Clients.IsRequired: true } wanted)
        {
            return null;
        }

        return http.Features.Get<Handshake>()?.Certificate switch
        {
            null => new ClientError(403, "This host is served to clients with a certificate of their own: over https.", "client_certificate_required"),
            var shown when shown.AsksTheSame(wanted) => null,
            _ => new ClientError(421, "This host asks for a client certificate, which this connection was not asked for; open another connection for it.", "misdirected_request"),
        };
    }
}
