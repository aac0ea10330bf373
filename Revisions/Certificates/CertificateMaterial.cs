using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Certificates;

/// <summary>What a declared certificate is made of, read from its opened secrets and looked at. The same code on silos, which check, and on edges, which serve. For memory only.</summary>
/// <param name="Resource">As declared.</param>
/// <param name="Leaf">The server's own certificate, with its key.</param>
/// <param name="Intermediates">Those between it and the root, which clients are sent.</param>
/// <param name="Hosts">Whom it serves, lower case.</param>
/// <param name="Authorities">Who issues the certificates of clients; null: none are asked for.</param>
/// <param name="Version">Tells one content of the secrets from another.</param>
public sealed record CertificateMaterial(
    CertificateResource Resource, X509Certificate2 Leaf, X509Certificate2Collection Intermediates, ImmutableArray<string> Hosts, X509Certificate2Collection? Authorities, string Version)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads it; null beside what is wrong, and beside nothing where it is still to be obtained.</summary>
    /// <param name="resource">As declared.</param>
    /// <param name="open">The value of a secret; null: it could not be had.</param>
    public static (CertificateMaterial? Material, ImmutableArray<FieldError> Errors) Read(CertificateResource resource, Func<string, string?> open)
    {
        if (resource.Authority is not null && open(resource.Chain) is null)
        {
            return (null, []);
        }

        var errors = ImmutableArray.CreateBuilder<FieldError>();
        foreach (var (field, secret) in resource.Secrets.Where(s => open(s.Secret) is null))
        {
            Wrong(field, $"the secret '{secret}' could not be opened");
        }

        if (errors.Count > 0)
        {
            return (null, errors.ToImmutable());
        }

        var (chain, unread) = CertificatePem.ReadCertificates(open(resource.Chain)!);
        if (unread is not null)
        {
            Wrong("chain", unread);
            return (null, errors.ToImmutable());
        }

        var (leaf, noKey) = CertificatePem.AddKey(chain, open(resource.Key)!);
        if (noKey is not null)
        {
            Wrong("key", noKey);
        }

        if (CertificateChain.FindWrong(chain) is { } disorder)
        {
            Wrong("chain", disorder);
        }

        if (chain[0].Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usages && !usages.EnhancedKeyUsages.Cast<Oid>().Any(u => u.Value is ServerAuthentication))
        {
            Wrong("chain", "its first certificate is not for servers: its extended key usage lacks server authentication");
        }

        var names = CertificateChain.NamesOf(chain[0]);

        // A host that was added to those of one that is obtained is not covered until the next one is there.
        for (var i = 0; i < resource.Hosts.Length && resource.Authority is null; i++)
        {
            if (!IsCovered(resource.Hosts[i]))
            {
                Wrong(
                    string.Create(CultureInfo.InvariantCulture, $"hosts[{i}]"),
                    $"'{resource.Hosts[i]}' is not among the names of the certificate ({(names.IsEmpty ? "it has none" : string.Join(", ", names))})");
            }
        }

        if (names.IsEmpty && !resource.IsDefault)
        {
            Wrong("chain", "its first certificate names no host (subjectAltName with DNS names), so that clients would refuse it");
        }

        X509Certificate2Collection? authorities = null;
        if (resource.Clients is { } clients)
        {
            (authorities, var wrong) = CertificatePem.ReadAuthorities(open(clients.Authorities)!);
            if (wrong is not null)
            {
                Wrong("clients.ca", wrong);
            }
        }

        if (errors.Count > 0)
        {
            leaf?.Dispose();
            return (null, errors.ToImmutable());
        }

        X509Certificate2[] between = [.. chain.Skip(1).Where(c => !CertificateChain.IsRoot(c))];
        return (new CertificateMaterial(
            resource, leaf!, new X509Certificate2Collection(between), resource.Hosts.IsEmpty ? names : resource.Hosts.RemoveAll(host => !IsCovered(host)), authorities, VersionOf(resource, open)!), []);

        void Wrong(string field, string message) => errors.Add(new FieldError($"{resource.Kind}/{resource.Name}: {field}", message));

        bool IsCovered(string host) => names.Any(name => CertificateChain.Covers(name, host));
    }

    /// <summary>Tells one content of a certificate's secrets from another; null where one is not there.</summary>
    public static string? VersionOf(CertificateResource resource, Func<string, string?> open)
    {
        var hash = new StringBuilder();
        foreach (var (_, secret) in resource.Secrets)
        {
            if (open(secret) is not { } value)
            {
                return null;
            }

            hash.Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value))));
        }

        return hash.ToString();
    }

    /// <summary>The begin of its time.</summary>
    public DateTimeOffset Begins => new(Leaf.NotBefore);

    /// <summary>The end of its time.</summary>
    public DateTimeOffset Ends => new(Leaf.NotAfter);

    /// <summary>SHA-256 of the server's own certificate, lower-case hex.</summary>
    public string Fingerprint => Convert.ToHexStringLower(Leaf.GetCertHash(HashAlgorithmName.SHA256));

    public override string ToString() => $"{Resource.Kind}/{Resource.Name}";
}
