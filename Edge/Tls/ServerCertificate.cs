using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tls;

/// <summary>A certificate with all that a handshake needs, made once for each version of it and kept over revisions. What it is made of is for memory only: its text form is its name.</summary>
public sealed class ServerCertificate
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly string _asks = "";

    /// <summary>Takes what was read.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The system's library takes no such certificate.</exception>
    public ServerCertificate(CertificateMaterial material)
    {
        (Resource, Version, Hosts, _authorities) = (material.Resource, material.Version, material.Hosts, material.Authorities);
        (Begins, Ends) = (material.Begins, material.Ends);
        var clients = material.Resource.Clients;
        if (_authorities is not null)
        {
            _asks = $"{clients!.IsRequired} {string.Concat(_authorities.Select(a => a.GetCertHashString(HashAlgorithmName.SHA256)))}";
        }

        // Offline: what clients are sent is what was declared, and nothing is fetched.
        var sent = SslStreamCertificateContext.Create(material.Leaf, material.Intermediates, offline: true);
        Options = OptionsFor(sent, clients, SslProtocols.Tls12 | SslProtocols.Tls13, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);
        QuicOptions = OptionsFor(sent, clients, SslProtocols.Tls13, SslApplicationProtocol.Http3);
    }

    /// <summary>As declared.</summary>
    public CertificateResource Resource { get; }

    /// <summary>Tells one content of its secrets from another.</summary>
    public string Version { get; }

    /// <summary>Whom it serves.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>The begin of its time.</summary>
    public DateTimeOffset Begins { get; }

    /// <summary>The end of its time.</summary>
    public DateTimeOffset Ends { get; }

    /// <summary>What a handshake over TCP is answered by; never changed.</summary>
    public SslServerAuthenticationOptions Options { get; }

    /// <summary>What a handshake of QUIC is answered by: the same certificate, and the same asked of clients. Never changed.</summary>
    public SslServerAuthenticationOptions QuicOptions { get; }

    /// <summary>What is asked of its clients; null: nothing.</summary>
    public ClientPolicy? Clients => Resource.Clients;

    /// <summary>Whether who was let in under this one would be let in under another.</summary>
    public bool AsksTheSame(ServerCertificate other) => string.Equals(_asks, other._asks, StringComparison.Ordinal);

    public override string ToString() => $"{Resource.Kind}/{Resource.Name}";

    private SslServerAuthenticationOptions OptionsFor(SslStreamCertificateContext sent, ClientPolicy? clients, SslProtocols versions, params List<SslApplicationProtocol> protocols) => new()
    {
        ServerCertificateContext = sent,
        EnabledSslProtocols = versions,
        ApplicationProtocols = protocols,
        AllowRenegotiation = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateRequired = clients is not null,

        // A session that is resumed shows no certificate again: whom clients must be is asked at each handshake.
        AllowTlsResume = clients is null,
        RemoteCertificateValidationCallback = clients is null ? null : (_, certificate, chain, _) => IsWelcome(certificate, chain, clients),
    };

    private bool IsWelcome(X509Certificate? shown, X509Chain? sent, ClientPolicy clients)
    {
        if (shown is not X509Certificate2 certificate)
        {
            return !clients.IsRequired;
        }

        using var chain = new X509Chain();
        DeclaredChains.TrustClients(chain.ChainPolicy, _authorities!);
        if (sent is not null)
        {
            // Those between it and the authority, as the client sent them.
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate);
    }
}
