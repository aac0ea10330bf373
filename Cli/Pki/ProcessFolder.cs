using System.Security.Cryptography.X509Certificates;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Cli.Pki;

/// <summary>The folder that one process of a cluster is given: <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c>, the names that Kubernetes' TLS secrets have.</summary>
internal sealed class ProcessFolder(string path, X509Certificate2 ca, ClusterIdentity identity)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    // A third of the life is left: time enough for whoever runs this each week.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(30);

    private string CaFile => Path.Combine(path, "ca.crt");

    private string CertificateFile => Path.Combine(path, "tls.crt");

    private string KeyFile => Path.Combine(path, "tls.key");

    /// <summary>Makes the files; with <paramref name="keep"/> only those that are missing, of another CA or role, or near their end.</summary>
    /// <param name="name">The process' name: it stands in the certificate, with localhost and its address, as the host that admin clients ask for.</param>
    /// <exception cref="UsageException">Files are there, and nobody said to keep them.</exception>
    public void Fill(string name, bool keep, TextWriter output)
    {
        if (!keep)
        {
            PemFile.RefuseExisting(CaFile, CertificateFile, KeyFile);
        }

        var now = TimeProvider.System.GetUtcNow();
        if (IsGood(now))
        {
            output.WriteLine($"{path}: {identity}, kept.");
            return;
        }

        Directory.CreateDirectory(path);
        using var issued = CertificateIssuer.Issue(ca, identity, name, [name, "localhost", "127.0.0.1"], now, Lifetime);
        PemFile.Replace(CaFile, ca.ExportCertificatePem());

        // A process that reads between the two finds that they do not fit, and stays with what it has.
        PemFile.Replace(KeyFile, PkiCommand.KeyOf(issued));
        PemFile.Replace(CertificateFile, issued.ExportCertificatePem());
        output.WriteLine($"{path}: {identity}, valid until {issued.NotAfter.ToUniversalTime():yyyy-MM-dd}. The folder is all that its machine needs.");
    }

    private bool IsGood(DateTimeOffset now)
    {
        if (!File.Exists(CaFile) || !File.Exists(CertificateFile) || !File.Exists(KeyFile))
        {
            return false;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
            return File.ReadAllText(CaFile).Contains(ca.ExportCertificatePem(), StringComparison.Ordinal)
                && PeerCheck.Refuse(certificate, [ca], identity.Cluster, identity.Role) is null
                && certificate.NotAfter.ToUniversalTime() - now.UtcDateTime > Ahead;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // Cut off in the midst of a write: made anew.
            return false;
        }
    }
}
