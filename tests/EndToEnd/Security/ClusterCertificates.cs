using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Silo.Clustering.Tls;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>A cluster's CA in a folder, made by <c>sluice pki</c> as operators do, and certificates under it.</summary>
public sealed class ClusterCertificates(string folder)
{
    /// <summary>The cluster that the certificates name.</summary>
    public const string Cluster = "sealed";

    /// <summary>Makes a CA.</summary>
    public static async Task<ClusterCertificates> CreateAsync(string folder)
    {
        await RunAsync("init", "--cluster-name", Cluster, "--out", folder);
        return new ClusterCertificates(folder);
    }

    /// <summary>Issues a certificate.</summary>
    public async Task<TlsFiles> IssueAsync(string role, string name, string cluster = Cluster, params string[] hosts)
    {
        await RunAsync(["issue", "--cluster-name", cluster, "--role", role, "--name", name, "--out", folder, .. hosts.SelectMany(h => new[] { "--host", h })]);
        return Files(name);
    }

    /// <summary>The files of a name.</summary>
    public TlsFiles Files(string name) => new()
    {
        Ca = Path.Combine(folder, "ca.crt"), Certificate = Path.Combine(folder, $"{name}.crt"), Key = Path.Combine(folder, $"{name}.key"),
    };

    /// <summary>A certificate as <c>pki issue</c> makes none: of another time, or with another name.</summary>
    /// <param name="uri">Null: without a role.</param>
    public X509Certificate2 Forge(string? uri, DateTimeOffset from, DateTimeOffset to)
    {
        using var ca = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "ca.crt"), Path.Combine(folder, "ca.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=forged", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(ca.GetECDsaPrivateKey()!), from, to, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>The settings by which a process uses a certificate.</summary>
    public static IReadOnlyDictionary<string, string> Settings(TlsFiles files) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SLUICE__TLS__CA"] = files.Ca!, ["SLUICE__TLS__CERTIFICATE"] = files.Certificate!, ["SLUICE__TLS__KEY"] = files.Key!,
    };

    private static async Task RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await HostedSluice.CommandAsync(["pki", .. arguments]);
        Assert.True(code == 0, $"pki {string.Join(' ', arguments)}: {output}{errors}");
    }
}
