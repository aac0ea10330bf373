using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Cli.Admin;

/// <summary>The CA of an admin API whose certificate no CA of the system has issued.</summary>
internal static class PrivateAuthority
{
    /// <summary>Reads the certificates of a PEM file.</summary>
    /// <exception cref="UsageException">The file cannot be read, or holds none.</exception>
    public static X509Certificate2Collection Read(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"the CA file '{path}' cannot be read: {e.Message}");
        }

        return authorities.Count > 0 ? authorities : throw new UsageException($"the CA file '{path}' holds no certificate in PEM");
    }

    /// <summary>Trust in these and no others. That the certificate names the host is checked as ever.</summary>
    public static X509ChainPolicy Only(X509Certificate2Collection authorities)
    {
        // A private CA has no address to ask for what it revoked.
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
