using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Edge.Tls;

/// <summary>Which certificates of others are good, both ways. Nothing is fetched.</summary>
internal static class DeclaredChains
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Trusts declared authorities and no root of the system.</summary>
    /// <param name="policy">Is set up so.</param>
    /// <param name="authorities">Null: none are declared, and the system's hold.</param>
    public static void Trust(X509ChainPolicy policy, X509Certificate2Collection? authorities)
    {
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }
    }

    /// <summary>The same for certificates of clients, which must be for that.</summary>
    public static void TrustClients(X509ChainPolicy policy, X509Certificate2Collection authorities)
    {
        Trust(policy, authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
    }
}
