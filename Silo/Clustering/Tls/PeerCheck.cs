using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Silo.Clustering.Tls;

/// <summary>
/// Decides whether a peer's certificate is good: issued by the cluster's own CA and no other, in its time, for both ends of TLS, of this cluster, and of
/// a role that the port accepts. No root of the system is trusted and nothing is fetched.
/// </summary>
public static class PeerCheck
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Why the peer is refused; null: it is accepted.</summary>
    /// <param name="roots">The cluster's CA; two while one replaces the other.</param>
    public static string? Refuse(X509Certificate2 certificate, X509Certificate2Collection roots, string cluster, params IReadOnlyList<ClusterRole> accepted)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (!chain.Build(certificate))
        {
            return $"its certificate is not good under the cluster's CA: {string.Join(", ", chain.ChainStatus.Select(s => s.Status))}";
        }

        if (ClusterIdentity.Read(certificate) is not { } identity)
        {
            return "its certificate names no single role such as spiffe://sluice/edge";
        }

        if (!string.Equals(identity.Cluster, cluster, StringComparison.Ordinal))
        {
            return $"its certificate is of cluster '{identity.Cluster}', wanted is '{cluster}'";
        }

        return accepted.Contains(identity.Role) ? null : $"its certificate is {identity}, and this connection accepts {string.Join(" or ", accepted)}";
    }
}
