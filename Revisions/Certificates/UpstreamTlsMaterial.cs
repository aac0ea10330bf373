using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Certificates;

/// <summary>What TLS towards an upstream is made of, read from opened secrets and looked at. The same code on silos, which check, and on edges, which connect. For memory only.</summary>
/// <param name="Own">The certificate that the edge shows, with its key; null: none.</param>
/// <param name="Between">Those between it and the root, which the upstream is sent.</param>
/// <param name="Authorities">Who may have issued the upstream's certificate; null: whom the system trusts.</param>
public sealed record UpstreamTlsMaterial(X509Certificate2? Own, X509Certificate2Collection Between, X509Certificate2Collection? Authorities)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Reads it; null beside what is wrong.</summary>
    /// <param name="upstream">One that declares <c>tls</c>.</param>
    /// <param name="find">A declared certificate by its name.</param>
    /// <param name="open">The value of a secret; null: it could not be had.</param>
    public static (UpstreamTlsMaterial? Material, ImmutableArray<FieldError> Errors) Read(UpstreamResource upstream, Func<string, CertificateResource?> find, Func<string, string?> open)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        foreach (var (field, secret) in SecretsOf(upstream, find).Where(s => open(s.Secret) is null))
        {
            Wrong(field, $"the secret '{secret}' could not be opened");
        }

        if (errors.Count > 0)
        {
            return (null, errors.ToImmutable());
        }

        X509Certificate2Collection? authorities = null;
        if (upstream.Tls!.Authorities is { } ca)
        {
            (authorities, var unread) = CertificatePem.ReadAuthorities(open(ca)!);
            if (unread is not null)
            {
                Wrong("tls.ca", unread);
            }
        }

        var (own, between) = ReadOwn(OwnOf(upstream.Tls, find), open, wrong => Wrong("tls.clientCertificate", wrong));
        if (errors.Count > 0)
        {
            own?.Dispose();
            return (null, errors.ToImmutable());
        }

        return (new UpstreamTlsMaterial(own, between, authorities), []);

        void Wrong(string field, string message) => errors.Add(new FieldError($"{upstream.Kind}/{upstream.Name}: {field}", message));
    }

    /// <summary>Tells one content of its secrets from another; one that is not there has none.</summary>
    public static string VersionOf(UpstreamResource upstream, Func<string, CertificateResource?> find, Func<string, string?> open) => string.Concat(
        SecretsOf(upstream, find).Select(s => open(s.Secret) is { } value ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value))) : "-"));

    /// <summary>All secrets that it is made of, with the field of each.</summary>
    public static IEnumerable<(string Field, string Secret)> SecretsOf(UpstreamResource upstream, Func<string, CertificateResource?> find) =>
        upstream.Tls is not { } tls ? []
        : tls.Own?.Certificate is null || OwnOf(tls, find) is not { } own ? tls.Secrets
        : [.. tls.Secrets, ("tls.clientCertificate.certificate", own.Chain), ("tls.clientCertificate.certificate", own.Key)];

    public override string ToString() => "***";

    // The names of the secrets of the edge's own certificate.
    private static (string Chain, string Key)? OwnOf(UpstreamTls tls, Func<string, CertificateResource?> find) => tls.Own switch
    {
        { Chain: { } chain, Key: { } key } => (chain, key),
        { Certificate: { } name } when find(name) is { } certificate => (certificate.Chain, certificate.Key),
        _ => null,
    };

    private static (X509Certificate2? Own, X509Certificate2Collection Between) ReadOwn((string Chain, string Key)? secrets, Func<string, string?> open, Action<string> wrong)
    {
        if (secrets is not { } names)
        {
            return (null, []);
        }

        var (chain, unread) = CertificatePem.ReadCertificates(open(names.Chain)!);
        if (unread is not null)
        {
            wrong($"its chain {unread}");
            return (null, []);
        }

        var (own, noKey) = CertificatePem.AddKey(chain, open(names.Key)!);
        if (noKey is not null)
        {
            wrong($"its key {noKey}");
        }

        if (CertificateChain.FindWrong(chain) is { } disorder)
        {
            wrong($"its chain: {disorder}");
        }

        if (chain[0].Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usages && !usages.EnhancedKeyUsages.Cast<Oid>().Any(u => u.Value is ClientAuthentication))
        {
            wrong("its first certificate is not for clients: its extended key usage lacks client authentication");
        }

        X509Certificate2[] between = [.. chain.Skip(1).Where(c => !CertificateChain.IsRoot(c))];
        return (own, new X509Certificate2Collection(between));
    }
}
