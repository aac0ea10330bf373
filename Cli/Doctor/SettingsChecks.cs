using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Silo;
using Sluice.Silo.Clustering;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Cli.Doctor;

/// <summary>What the settings say by themselves: the root key, who may speak on the ports, certificates and their ends.</summary>
internal static class SettingsChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <summary>The root key.</summary>
    public static Finding RootKey(SiloOptions silo)
    {
        const string Check = "root-key";
        try
        {
            var where = RootKeyProbe.Find(silo, out var isThere);
            if (isThere)
            {
                return Finding.Ok(Check, $"{where} holds a root key{(silo.RootKey is null ? " that only its owner may read" : "")}");
            }

            return silo.Cluster is AzureCluster.Setting
                ? Finding.Warn(Check, $"{where} is not there, and silos of several machines need the same one", "set SLUICE__ROOTKEY, or put the other silos' root.key there, before a silo starts")
                : Finding.Ok(Check, $"{where} is not there yet: the first start makes it");
        }
        catch (SiloStartException e)
        {
            return Finding.Error(Check, e.Message, "give back the right key from your copy, mode 0600: without it no secret opens");
        }
    }

    /// <summary>Whether somebody may listen on what passes between processes, or to admin keys.</summary>
    public static IEnumerable<Finding> Boundary(SiloOptions silo)
    {
        const string Check = "boundary";
        if (silo.Tls.IsEmpty)
        {
            yield return silo.InsecureCluster
                ? Finding.Warn(
                    Check, "silos and edges speak without TLS (InsecureCluster): whoever reaches a silo's ports may call anything and read every secret", "make certificates with 'sluice pki init' and 'sluice pki issue', set SLUICE__TLS__…, and take InsecureCluster away")
                : Finding.Ok(Check, "silos and edges speak without TLS, on this machine only");
        }
        else
        {
            yield return Finding.Ok(Check, "silos and edges speak by mutual TLS");
        }

        if (silo.AdminCertificate is null && !IPAddress.IsLoopback(IPAddress.Parse(silo.ListenAdmin)))
        {
            yield return Finding.Warn(
                Check, $"the admin API listens on {silo.ListenAdmin} without TLS: whoever reads that network reads admin keys", "set SLUICE__ADMINCERTIFICATE and SLUICE__ADMINKEY, or let only a proxy that speaks TLS reach it");
        }
    }

    /// <summary>The certificates and when they end.</summary>
    public static IEnumerable<Finding> Certificates(SiloOptions silo, DateTimeOffset now)
    {
        if (!silo.Tls.IsEmpty)
        {
            yield return Cluster(silo, now);
            yield return Ends(silo.Tls.Ca!, now, "'sluice pki init' in another folder makes a new CA; name both in SLUICE__TLS__CA while certificates change over");
        }

        if (silo.AdminCertificate is { } admin)
        {
            yield return Ends(admin, now, "get a new certificate for the admin API, put it there, and restart the silo");
        }
    }

    private static Finding Cluster(SiloOptions silo, DateTimeOffset now)
    {
        const string Remedy = "issue a new one with 'sluice pki issue' and put it in its place; no restart is needed";
        foreach (var role in new[] { ClusterRole.Silo, ClusterRole.Edge })
        {
            try
            {
                _ = new CertificateFiles(silo.Tls, silo.ClusterName, role);
                return Ends(silo.Tls.Certificate!, now, Remedy);
            }
            catch (SiloStartException e) when (role is ClusterRole.Edge)
            {
                return Finding.Error("certificates", e.Message, Remedy);
            }
            catch (SiloStartException)
            {
                // Perhaps it is an edge's.
            }
        }

        throw new InvalidOperationException("Every role was tried.");
    }

    private static Finding Ends(string path, DateTimeOffset now, string remedy)
    {
        const string Check = "certificates";
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return Finding.Error(Check, $"{path} cannot be read: {e.Message}", remedy);
        }

        if (all.Count is 0)
        {
            return Finding.Error(Check, $"{path} holds no certificate", remedy);
        }

        var end = new DateTimeOffset(all.Min(c => c.NotAfter.ToUniversalTime()));
        var left = end - now;
        var says = FormattableString.Invariant($"{path} {(left > TimeSpan.Zero ? "ends" : "ended")} at {end:u}");
        return left <= TimeSpan.Zero ? Finding.Error(Check, says, remedy)
            : left < Soon ? Finding.Warn(Check, says, remedy)
            : Finding.Ok(Check, says);
    }
}
