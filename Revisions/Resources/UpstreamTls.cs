namespace Sluice.Revisions.Resources;

/// <summary>How an edge speaks TLS to the addresses of an upstream. See docs/upstreams.md.</summary>
/// <param name="Authorities">Name of the secret with the certificates of those who may have issued the upstream's; null: those whom the edge's system trusts.</param>
/// <param name="ServerName">The name that is asked for (SNI) and that the upstream's certificate must be for; null: the address's host.</param>
/// <param name="Verification">What is looked at in the upstream's certificate.</param>
/// <param name="Own">The certificate that the edge shows; null: none.</param>
public sealed record UpstreamTls(string? Authorities, string? ServerName, UpstreamVerification Verification, ClientIdentity? Own)
{
    /// <summary>The secrets that it names itself, with the field of each; those of a declared certificate are that one's.</summary>
    public IEnumerable<(string Field, string Secret)> Secrets =>
    [
        .. Authorities is { } ca ? [("tls.ca.secret", ca)] : Array.Empty<(string, string)>(),
        .. Own is { Chain: { } chain, Key: { } key } ? [("tls.clientCertificate.chain.secret", chain), ("tls.clientCertificate.key.secret", key)] : Array.Empty<(string, string)>(),
    ];
}

/// <summary>The certificate by which an edge shows an upstream who it is: a declared one, or that of two secrets.</summary>
/// <param name="Certificate">Name of a <c>Certificate</c> resource; null: the two others are set.</param>
/// <param name="Chain">Name of the secret with the certificate and those between it and the root, in this order.</param>
/// <param name="Key">Name of the secret with the private key; may be the same.</param>
public sealed record ClientIdentity(string? Certificate, string? Chain, string? Key);

/// <summary>What is looked at in an upstream's certificate.</summary>
public enum UpstreamVerification
{
    /// <summary>Who issued it, its time, and whether it is for the name; the default.</summary>
    Full,

    /// <summary>Who issued it, and its time.</summary>
    Chain,

    /// <summary>Nothing: whoever answers is believed.</summary>
    None,
}
