using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Cli.Pki;

/// <summary><c>sluice pki</c>: a private CA for a cluster, certificates for its silos and edges, and what is in a certificate.</summary>
internal static class PkiCommand
{
    /// <summary>The CA's certificate, in the folder of <c>--out</c>.</summary>
    public const string CaFile = "ca.crt";

    /// <summary>Its key.</summary>
    public const string CaKeyFile = "ca.key";

    private const int LongestDays = 825;

    public static Command Define() => new("pki", "Make the certificates by which silos and edges know each other.") { PkiInit.Define(), Issue(), Show() };

    private static Command Issue()
    {
        var cluster = new Option<string>("--cluster-name") { Description = "The cluster's name (sluice).", DefaultValueFactory = _ => "sluice" };
        var role = new Option<string>("--role") { Description = "What the process is.", Required = true };
        role.AcceptOnlyFromAmong("silo", "edge");
        var name = new Option<string>("--name") { Description = "The process's name, and that of its files.", Required = true };
        var host = new Option<string[]>("--host") { Description = "A host name or address for the certificate; may be repeated.", DefaultValueFactory = _ => [] };
        var days = new Option<int>("--days") { Description = $"How long it lasts, 1 to {LongestDays} (90).", DefaultValueFactory = _ => 90 };
        var caKey = new Option<string?>("--ca-key") { Description = $"The CA's key, where it is kept elsewhere ({CaKeyFile} in the folder).", HelpName = "FILE" };
        var folder = Folder();
        var command = new Command("issue", "Make a certificate for a silo or an edge.") { cluster, role, name, host, days, caKey, folder };
        command.SetAction(parsed =>
        {
            var (path, process, output) = (parsed.GetValue(folder)!, parsed.GetValue(name)!, parsed.InvocationConfiguration.Output);
            RefuseName("--cluster-name", parsed.GetValue(cluster)!);
            RefuseName("--name", process);
            if (parsed.GetValue(days) is < 1 or > LongestDays)
            {
                throw new UsageException($"--days must be 1 to {LongestDays}");
            }

            if (parsed.GetValue(host)!.FirstOrDefault(h => Uri.CheckHostName(h) is UriHostNameType.Unknown) is { } wrong)
            {
                throw new UsageException($"--host must be a host name or an address, is '{wrong}'");
            }

            var (certificateFile, keyFile) = (Path.Combine(path, $"{process}.crt"), Path.Combine(path, $"{process}.key"));
            PemFile.RefuseExisting(certificateFile, keyFile);
            var caFile = Path.Combine(path, CaFile);
            using var ca = Read(() => X509Certificate2.CreateFromPemFile(caFile, parsed.GetValue(caKey) ?? Path.Combine(path, CaKeyFile)), caFile);
            var identity = new ClusterIdentity(parsed.GetValue(cluster)!, parsed.GetValue(role) is "silo" ? ClusterRole.Silo : ClusterRole.Edge);
            using var issued = CertificateIssuer.Issue(
                ca, identity, process, parsed.GetValue(host)!, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(parsed.GetValue(days)));
            PemFile.Write(keyFile, KeyOf(issued));
            PemFile.Write(certificateFile, issued.ExportCertificatePem());
            output.WriteLine($"{identity}, valid until {issued.NotAfter.ToUniversalTime():yyyy-MM-dd}. Copy three files to its machine and name them there:");
            output.WriteLine($"SLUICE__TLS__CA={caFile}");
            output.WriteLine($"SLUICE__TLS__CERTIFICATE={certificateFile}");
            output.WriteLine($"SLUICE__TLS__KEY={keyFile}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var file = new Argument<string>("file") { Description = "A certificate, PEM." };
        var command = new Command("show", "Say what is in a certificate.") { file };
        command.SetAction(parsed =>
        {
            var (path, output) = (parsed.GetValue(file)!, parsed.InvocationConfiguration.Output);
            using var certificate = Read(() => X509Certificate2.CreateFromPem(File.ReadAllText(path)), path);
            output.WriteLine($"subject      {certificate.Subject}");
            output.WriteLine($"issuer       {certificate.Issuer}");
            output.WriteLine($"role         {ClusterIdentity.Read(certificate)?.ToString() ?? "none"}");
            output.WriteLine($"valid        {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}");
            output.WriteLine($"fingerprint  {certificate.GetCertHashString(HashAlgorithmName.SHA256)}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The option for the folder of the files.</summary>
    public static Option<string> Folder() =>
        new("--out") { Description = "The folder of the files (./pki).", HelpName = "DIR", DefaultValueFactory = _ => "pki" };

    /// <summary>Refuses names that cannot stand in certificates and file names.</summary>
    public static void RefuseName(string option, string name)
    {
        if (!ClusterIdentity.CanName(name))
        {
            throw new UsageException($"{option} must be letters, digits, dots, hyphens and underscores, at most 63; is '{name}'");
        }
    }

    /// <summary>The private key as PEM.</summary>
    public static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>Reads a certificate.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static X509Certificate2 Read(Func<X509Certificate2> read, string path)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {e.Message}");
        }
    }
}
