using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Cli.Pki;

/// <summary>Makes a cluster's CA and the certificates of its processes: ECDSA on P-256, signed with SHA-256, per RFC 5280.</summary>
internal static class CertificateIssuer
{
    /// <summary>How long a CA lasts.</summary>
    public static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);

    // Clocks of machines differ a little.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>A self-signed CA that may sign certificates of processes and no other CA.</summary>
    public static X509Certificate2 CreateCa(string cluster, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject($"{cluster} CA"), key, HashAlgorithmName.SHA256);
        var identifier = new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(identifier);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        return request.CreateSelfSigned(now - Skew, now + CaLifetime);
    }

    /// <summary>A certificate of one process, with its key; it ends with the CA at the latest.</summary>
    /// <param name="hosts">Names and addresses, for tools that look at them; Sluice looks at the role.</param>
    public static X509Certificate2 Issue(
        X509Certificate2 ca, ClusterIdentity identity, string name, IEnumerable<string> hosts, DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject(name), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(identity.ToString()));
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var (first, last) = (new DateTimeOffset(ca.NotBefore), new DateTimeOffset(ca.NotAfter));
        var start = now - Skew < first ? first : now - Skew;
        using var issued = request.Create(ca, start, now + lifetime < last ? now + lifetime : last, Serial());
        return issued.CopyWithPrivateKey(key);
    }

    private static X500DistinguishedName Subject(string name)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName("Sluice");
        subject.AddCommonName(name);
        return subject.Build();
    }

    // RFC 5280, 4.1.2.2: positive, at most 20 octets; the first bit is cleared and the next set, so that it is neither negative nor short.
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
