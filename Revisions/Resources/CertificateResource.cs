using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>A certificate by which edges answer TLS handshakes. What it is made of stands in <c>Secret</c> resources as PEM.</summary>
/// <param name="Hosts">Lower case, exact or <c>*.example.com</c>; empty: those that the certificate itself names.</param>
/// <param name="Chain">Name of the secret with the server's certificate and those between it and the root, in this order.</param>
/// <param name="Key">Name of the secret with the private key; may be the same.</param>
/// <param name="IsDefault">Whether clients that name no host get it.</param>
/// <param name="Clients">What is asked of clients of its hosts; null: nothing.</param>
/// <param name="Authority">The <see cref="CertificateAuthorityResource"/> from which it is obtained and renewed; null: its secrets are somebody's to write.</param>
public sealed record CertificateResource(
    string Name, ImmutableArray<string> Hosts, string Chain, string Key, bool IsDefault, ClientPolicy? Clients, string? Authority = null) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Certificate";

    private const string ObtainedPrefix = "acme.";

    /// <summary>The secret with the chain and key of a certificate that is obtained: written by the silos, and there once the first one was had.</summary>
    public static string ObtainedSecret(string certificate) => ObtainedPrefix + certificate;

    /// <summary>The certificate whose <see cref="ObtainedSecret"/> a secret would be; null: nobody's.</summary>
    public static string? ObtainedFor(string secret) => secret.StartsWith(ObtainedPrefix, StringComparison.Ordinal) ? secret[ObtainedPrefix.Length..] : null;

    public override string Kind => KindName;

    /// <summary>Whether another declares the same; lists compare by what is in them.</summary>
    public bool Says(CertificateResource other) => this with { Hosts = other.Hosts, Clients = other.Clients } == other && Hosts.AsSpan().SequenceEqual(other.Hosts.AsSpan())
        && (Clients is { } clients && other.Clients is { } others ? clients.Says(others) : Clients == other.Clients);

    /// <summary>The secrets that it is made of, with the field of each.</summary>
    public IEnumerable<(string Field, string Secret)> Secrets => [("chain.secret", Chain), ("key.secret", Key), .. OfClients];

    /// <summary>Those of them that must be there.</summary>
    public IEnumerable<(string Field, string Secret)> NamedSecrets => Authority is null ? Secrets : OfClients;

    private (string Field, string Secret)[] OfClients => Clients is { } clients ? [("clients.ca.secret", clients.Authorities)] : [];
}

/// <summary>Asks clients for certificates of their own.</summary>
/// <param name="IsRequired">Whether a client without one is refused; else only one that is shown must be good.</param>
/// <param name="Authorities">Name of the secret with the certificates of those who issue them.</param>
/// <param name="Identities">Whom they stand for in a key's place: the first that fits; none: for nobody.</param>
public sealed record ClientPolicy(bool IsRequired, string Authorities, ImmutableArray<IdentifiedClient> Identities)
{
    /// <summary>Whether another says the same; lists compare by what is in them.</summary>
    public bool Says(ClientPolicy other) => this with { Identities = other.Identities } == other
        && Identities.Length == other.Identities.Length && Identities.Zip(other.Identities).All(pair => pair.First.Says(pair.Second));
}

/// <summary>What is asked of clients: <c>none</c> (default), <c>optional</c> or <c>required</c>.</summary>
public enum ClientCertificates
{
    None,
    Optional,
    Required,
}
