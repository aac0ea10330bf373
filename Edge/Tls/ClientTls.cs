using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tls;

/// <summary>
/// TLS towards one upstream that declares it, made once for each version of what it is made of and kept over revisions: connections are kept by it, so that what is new holds for
/// each new request, and what runs goes on. For memory only: its text form is its name.
/// </summary>
public sealed class ClientTls
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly UpstreamTls _declared;
    private readonly string? _name;
    private readonly SslStreamCertificateContext? _own;

    /// <summary>Takes what was read.</summary>
    /// <param name="upstream">Whose.</param>
    /// <param name="version">Tells one content of the secrets from another.</param>
    /// <param name="material">Null: it could not be had, and nothing is connected to.</param>
    /// <exception cref="CryptographicException">The system's library takes no such certificate.</exception>
    public ClientTls(UpstreamResource upstream, string version, UpstreamTlsMaterial? material)
    {
        (Name, _declared, Version, IsUsable, _authorities) = (upstream.Name, upstream.Tls!, version, material is not null, material?.Authorities);

        _name = NameOf(upstream);

        // Offline: what is sent is what was declared, and nothing is fetched.
        _own = material?.Own is { } own ? SslStreamCertificateContext.Create(own, material.Between, offline: true) : null;
    }

    /// <summary>The upstream's name.</summary>
    public string Name { get; }

    /// <summary>Whether an upstream declares the same.</summary>
    public bool Says(UpstreamResource upstream) => _declared == upstream.Tls && string.Equals(_name, NameOf(upstream), StringComparison.Ordinal);

    /// <summary>Tells one content of its secrets from another.</summary>
    public string Version { get; }

    /// <summary>Whether all of it is there; else nothing is connected to.</summary>
    public bool IsUsable { get; }

    /// <summary>Shakes hands over an open connection, which is closed where that fails.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="host">Of the address; the name that is asked for where nothing else tells one.</param>
    /// <param name="isHttp2">Whether HTTP/2 is to be spoken, and not HTTP/1.1.</param>
    /// <param name="cancellation">Bounds the wait.</param>
    /// <exception cref="AuthenticationException">The upstream is not whom it should be, or does not take who this edge is.</exception>
    public async ValueTask<SslStream> SecureAsync(Stream connection, string host, bool isHttp2, CancellationToken cancellation)
    {
        var secured = new SslStream(connection);
        try
        {
            await secured.AuthenticateAsClientAsync(OptionsFor(host, isHttp2), cancellation);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    public override string ToString() => $"{UpstreamResource.KindName}/{Name}: tls";

    // The name that it is to show, whichever of its addresses is connected to.
    private static string? NameOf(UpstreamResource upstream) => upstream.Tls?.ServerName ?? upstream.Discovery?.Host;

    private SslClientAuthenticationOptions OptionsFor(string host, bool isHttp2)
    {
        var policy = new X509ChainPolicy();
        DeclaredChains.Trust(policy, _authorities);

        return new SslClientAuthenticationOptions
        {
            TargetHost = _name ?? host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [isHttp2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            CertificateChainPolicy = policy,
            ClientCertificateContext = _own,
            RemoteCertificateValidationCallback = _declared.Verification switch
            {
                UpstreamVerification.Chain => static (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateNameMismatch,
#pragma warning disable CA5359, MA0039 // Who declares verification: none asks for just this.
                UpstreamVerification.None => static (_, _, _, _) => true,
#pragma warning restore CA5359, MA0039
                _ => null,
            },
        };
    }
}
