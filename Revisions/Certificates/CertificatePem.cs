using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Revisions.Certificates;

/// <summary>Reads certificates and keys from PEM (RFC 7468). What is told of a failure never holds what was read.</summary>
public static class CertificatePem
{
    private const int LeastRsaBits = 2048;

    /// <summary>The certificates of a text, in its order; or what is wrong.</summary>
    public static (X509Certificate2Collection Certificates, string? Wrong) ReadCertificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return (certificates, $"its certificate number {certificates.Count + 1} cannot be read: the block between BEGIN and END CERTIFICATE is damaged");
        }

        return (certificates, certificates.Count == 0 ? "has no certificate: a text with -----BEGIN CERTIFICATE----- is wanted" : null);
    }

    /// <summary>The certificates of those who issue others; or what is wrong.</summary>
    public static (X509Certificate2Collection Authorities, string? Wrong) ReadAuthorities(string pem)
    {
        var (authorities, unread) = ReadCertificates(pem);
        return (authorities, unread is not null ? unread
            : authorities.FirstOrDefault(c => c.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true }) is { } other
                ? $"holds a certificate that may issue none ({other.Subject}); give those of the authorities"
            : null);
    }

    /// <summary>The key of a certificate, in the one of the certificates that it belongs to.</summary>
    /// <returns>The certificate with its key; or what is wrong.</returns>
    public static (X509Certificate2? Certificate, string? Wrong) AddKey(X509Certificate2Collection chain, string pem)
    {
        if (pem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            return (null, "is encrypted with a password; give the key without one: the secret is sealed by itself");
        }

        try
        {
            return chain[0].GetKeyAlgorithm() switch
            {
                Algorithms.Rsa => AddRsa(chain, pem),
                Algorithms.Ec => AddEc(chain, pem),
                _ => (null, "belongs to a certificate whose key is neither RSA nor ECDSA: those two are served"),
            };
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Its message may speak of what was read.
            return (null, $"has no single private key that belongs to the certificate's kind ({(chain[0].GetKeyAlgorithm() is Algorithms.Rsa ? "RSA" : "ECDSA")}): one block such as -----BEGIN PRIVATE KEY----- is wanted");
        }
    }

    private static (X509Certificate2? Certificate, string? Wrong) AddRsa(X509Certificate2Collection chain, string pem)
    {
        using var key = RSA.Create();
        key.ImportFromPem(pem);
        return key.KeySize < LeastRsaBits ? (null, FormattableString.Invariant($"is an RSA key of {key.KeySize} bits; {LeastRsaBits} are the least"))
            : FindOther(chain, key.ExportSubjectPublicKeyInfo()) is { } wrong ? (null, wrong)
            : (chain[0].CopyWithPrivateKey(key), null);
    }

    private static (X509Certificate2? Certificate, string? Wrong) AddEc(X509Certificate2Collection chain, string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return FindOther(chain, key.ExportSubjectPublicKeyInfo()) is { } wrong ? (null, wrong) : (chain[0].CopyWithPrivateKey(key), null);
    }

    // Null: it is the key of the first.
    private static string? FindOther(X509Certificate2Collection chain, byte[] key)
    {
        for (var i = 0; i < chain.Count; i++)
        {
            if (chain[i].PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key))
            {
                return i == 0 ? null : FormattableString.Invariant($"belongs to certificate number {i + 1} of the chain; the server's own must be the first");
            }
        }

        return $"does not belong to the certificate ({chain[0].Subject}); give the key that the certificate was asked for with";
    }

    private static class Algorithms
    {
        public const string Rsa = "1.2.840.113549.1.1.1";
        public const string Ec = "1.2.840.10045.2.1";
    }
}
