using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Edge.Tls;

namespace Sluice.Tests.Unit.Edge.Tls;

/// <summary>What upstreams are told of a client's certificate, whatever stands in it.</summary>
public sealed class ShownCertificateTests
{
    [Fact]
    public void Hash_subject_and_names_are_told_and_nothing_in_them_makes_another_field_or_line()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.test");
        names.AddUri(new Uri("spiffe://cluster/ns/a"));
        names.AddUri(new Uri("spiffe://cluster/a;Subject=b"));
        names.AddEmailAddress("a@a.test");
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName("a\";Hash=0\r\nx-own: \u00e4");
        using var certificate = Make(subject.Build(), names);

        var told = ShownCertificate.Tell(certificate);

        var hash = certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        Assert.StartsWith($"Hash={hash};Subject=\"CN=", told, StringComparison.Ordinal);
        Assert.EndsWith("\";URI=spiffe://cluster/ns/a;DNS=a.test", told, StringComparison.Ordinal);
        Assert.DoesNotContain(told, static c => c is < ' ' or > '~');
        Assert.Contains("\\0D\\0Ax-own: \\C3\\A4", told, StringComparison.Ordinal);

        // Every quote of the subject is escaped: the field ends where it should.
        var inner = told[(told.IndexOf('"', StringComparison.Ordinal) + 1)..told.LastIndexOf('"')];
        Assert.DoesNotMatch("(^|[^\\\\])\"", inner);
    }

    private static X509Certificate2 Make(X500DistinguishedName subject, SubjectAlternativeNameBuilder names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now, now.AddDays(1));
    }
}
