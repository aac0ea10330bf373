using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tests.Processes;

/// <summary>An authority of a test's own, with one between it and those whom it certifies.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;

    public TestAuthority()
    {
        _root = MakeAuthority("Test Root", null);
        _between = MakeAuthority("Test Intermediate", _root);
    }

    /// <summary>The root, without its key.</summary>
    public X509Certificate2 Root => X509CertificateLoader.LoadCertificate(_root.RawData);

    /// <summary>The root as PEM.</summary>
    public string RootPem => _root.ExportCertificatePem();

    /// <summary>The one between, as PEM.</summary>
    public string BetweenPem => _between.ExportCertificatePem();

    /// <summary>Certifies a server or a client.</summary>
    /// <param name="names">DNS names; of a client its name.</param>
    /// <param name="ends">From now; before now: it has ended.</param>
    /// <param name="begins">From now.</param>
    /// <param name="isClient">Whether it is for clients, and not for servers.</param>
    /// <param name="isRsa">Whether its key is RSA, and not ECDSA on P-256.</param>
    /// <param name="isBoth">Whether it is for servers and for clients.</param>
    public IssuedCertificate Issue(IReadOnlyList<string> names, TimeSpan? ends = null, TimeSpan? begins = null, bool isClient = false, bool isRsa = false, bool isBoth = false)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (from, until) = (now + (begins ?? TimeSpan.FromDays(-1)), now + (ends ?? TimeSpan.FromDays(60)));
        from = from < until ? from : until - TimeSpan.FromDays(1);
        using var rsa = isRsa ? RSA.Create(2048) : null;
        using var ec = isRsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = $"CN={names.FirstOrDefault() ?? "nobody"}";
        var request = rsa is not null
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, ec!, HashAlgorithmName.SHA256);
        if (names.Count > 0)
        {
            var builder = new SubjectAlternativeNameBuilder();
            foreach (var name in names)
            {
                builder.AddDnsName(name);
            }

            request.CertificateExtensions.Add(builder.Build());
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. isBoth ? new[] { new Oid(ServerUsage), new Oid(ClientUsage) } : [new Oid(isClient ? ClientUsage : ServerUsage)]], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_between, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var issued = request.Create(_between.SubjectName, X509SignatureGenerator.CreateForECDsa(_between.GetECDsaPrivateKey()!), from, until, RandomNumberGenerator.GetBytes(8));
        var key = rsa?.ExportPkcs8PrivateKeyPem() ?? ec!.ExportPkcs8PrivateKeyPem();
        return new IssuedCertificate(issued.ExportCertificatePem(), BetweenPem, key);
    }

    public void Dispose()
    {
        _root.Dispose();
        _between.Dispose();
    }

    private static X509Certificate2 MakeAuthority(string name, X509Certificate2? issuer)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddYears(-2), now.AddYears(10));
        }

        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var issued = request.Create(issuer, now.AddYears(-2), now.AddYears(9), [1, 2, 3, 4]);
        return issued.CopyWithPrivateKey(key);
    }
}

/// <summary>A certificate with its key.</summary>
/// <param name="Leaf">As PEM.</param>
/// <param name="Between">That of its issuer, as PEM.</param>
/// <param name="Key">As PEM.</param>
public sealed record IssuedCertificate(string Leaf, string Between, string Key)
{
    /// <summary>What servers send, as PEM.</summary>
    public string Chain => $"{Leaf}\n{Between}\n";

    /// <summary>Its thumbprint.</summary>
    public string Thumbprint
    {
        get
        {
            using var certificate = X509Certificate2.CreateFromPem(Leaf);
            return certificate.Thumbprint;
        }
    }

    /// <summary>With its key, for clients.</summary>
    public X509Certificate2 WithKey() => X509Certificate2.CreateFromPem(Leaf, Key);

    /// <summary>Declares it, with its two secrets.</summary>
    /// <param name="name">Of the resource.</param>
    /// <param name="fields">Further lines of YAML.</param>
    public string Bundle(string name, string fields = "") => $$"""
        kind: Secret
        name: {{name}}-chain
        value: {{Quoted(Chain)}}
        ---
        kind: Secret
        name: {{name}}-key
        value: {{Quoted(Key)}}
        ---
        kind: Certificate
        name: {{name}}
        chain: { secret: {{name}}-chain }
        key: { secret: {{name}}-key }
        {{fields}}
        """;

    /// <summary>A text as a value in YAML.</summary>
    public static string Quoted(string text) => $"\"{text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
