using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Edge.Tls;

/// <summary>Which certificates of clients are good: issued by a declared authority and no root of the system, in their time, for clients. Nothing is fetched.</summary>
internal static class ClientChains
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Sets a policy up so.</summary>
    public static void Restrict(X509ChainPolicy policy, X509Certificate2Collection authorities)
    {
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
    }
}
