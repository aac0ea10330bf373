using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Edge.Tls;
using Sluice.Revisions.Resources;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Edge.Tls;

/// <summary>Whom certificates of clients stand for.</summary>
public sealed class ClientIdentitiesTests
{
    private static readonly X509Certificate2 Shown = Make("CN=Ada Partner, O=Example", "spiffe://example.com/partners/ada", "Ada.Partner.example.com");
    private static readonly string Fingerprint = Shown.GetCertHashString(HashAlgorithmName.SHA256);

    [Theory]
    [InlineData("uri: spiffe://example.com/partners/ada", "spiffe:~2F~2Fexample.com~2Fpartners~2Fada")]
    [InlineData("uri: \"spiffe://example.com/partners/*\"", "spiffe:~2F~2Fexample.com~2Fpartners~2Fada")]
    [InlineData("uri: \"spiffe://example.com/partner\"", null)]
    [InlineData("uri: \"spiffe://example.com/others/*\"", null)]
    [InlineData("dns: ada.PARTNER.example.com", "ada.partner.example.com")]
    [InlineData("dns: \"*.partner.example.com\"", "ada.partner.example.com")]
    [InlineData("dns: \"*.example.com\"", null)]
    [InlineData("subject: \"CN=Ada Partner,O=Example\"", "Ada~20Partner")]
    [InlineData("subject: \"CN=Ada Partner\"", null)]
    [InlineData("fingerprint: FINGERPRINT", "Ada~20Partner")]
    [InlineData("fingerprint: \"0000000000000000000000000000000000000000000000000000000000000000\"", null)]
    [InlineData("user: ada", "ada")]
    [InlineData("", "Ada~20Partner")]
    public void A_certificate_stands_for_whom_it_fits(string identity, string? user)
    {
        var found = ClientIdentities.Find(Declare($"{{ {identity.Replace("FINGERPRINT", Fingerprint, StringComparison.Ordinal)}{(identity.Length > 0 ? ", " : "")}tenant: acme, team: red, models: [\"gpt-*\"], scopes: [orders.read] }}"), Shown);

        Assert.Equal(user, found?.Bearer.User);
        if (found is { Bearer: var bearer })
        {
            Assert.Equal(("acme", "red", "gpt-*", "orders.read"), (bearer.Tenant, bearer.Team, Assert.Single(bearer.Models), Assert.Single(bearer.Scopes)));
            Assert.Equal(Shown.NotAfter.ToUniversalTime(), bearer.EndsAt.UtcDateTime);
        }
    }

    [Fact]
    public void One_without_a_common_name_is_known_by_its_fingerprint_and_not_by_what_others_have_too()
    {
        using var nameless = Make("O=Example", "spiffe://example.com/x", "x.example.com");

        Assert.Equal(nameless.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), ClientIdentities.Find(Declare("{ tenant: acme }"), nameless)!.Bearer.User);
    }

    [Fact]
    public void The_first_that_fits_counts() =>
        Assert.Equal("second", ClientIdentities.Find(Declare("{ dns: nobody.example.com, tenant: first }, { uri: \"spiffe://*\", tenant: second }, { tenant: third }"), Shown)!.Bearer.Tenant);

    [Theory]
    [InlineData("{ uri: \"a*b\", tenant: acme }", "identities[0].uri: must be a URI, or the begin of one and then *")]
    [InlineData("{ dns: \"a.*.test\", tenant: acme }", "identities[0].dns: must be a name such as partner.example.com")]
    [InlineData("{ subject: \"partner\", tenant: acme }", "identities[0].subject: must be a whole subject such as CN=partner")]
    [InlineData("{ fingerprint: \"ab:cd\", tenant: acme }", "identities[0].fingerprint: must be the SHA-256 of the certificate, 64 hex digits")]
    [InlineData("{ uri: a, dns: b.test, tenant: acme }", "identities[0].dns: stands beside uri")]
    [InlineData("{ uri: a }", "identities[0].tenant: is missing")]
    [InlineData("{ tenant: acme, user: \"a b\" }", "identities[0].user: must be 1 to 128 of")]
    [InlineData("{ tenant: acme, models: [\"a*b\"] }", "identities[0].models[0]: must be a model's name, or a prefix that ends in *")]
    [InlineData("{ tenant: acme, scopes: [\"a b\"] }", "identities[0].scopes[0]: must be 1 to 128 printable")]
    [InlineData("{ tenant: acme, name: a }", "identities[0].name: unknown field 'name'")]
    public void What_is_wrong_with_an_identity_is_told(string identity, string expected)
    {
        var json = Sluice.Revisions.Bundle.Parse(Text(identity)).Resources.Single();

        Assert.Contains(Declared.Errors(System.Text.Encoding.UTF8.GetString(json)), e => e.StartsWith($"Certificate/c: clients.{expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_declaration_says_the_same_only_with_the_same_identities()
    {
        Assert.True(Declare("{ tenant: acme, models: [a] }").Says(Declare("{ tenant: acme, models: [a] }")));
        Assert.False(Declare("{ tenant: acme, models: [a] }").Says(Declare("{ tenant: acme, models: [b] }")));
        Assert.False(Declare("{ tenant: acme }").Says(Declare("{ tenant: acme }, { tenant: acme }")));
    }

    private static CertificateResource Declare(string identities) => Assert.IsType<CertificateResource>(Sluice.Revisions.ResourceReader.Read(Assert.Single(Declared.Bodies(Text(identities))).Json).Resource);

    private static string Text(string identities) =>
        $$"""{ kind: Certificate, name: c, hosts: [a.test], chain: { secret: s }, key: { secret: s }, clients: { certificates: required, ca: { secret: s }, identities: [{{identities}}] } }""";

    private static X509Certificate2 Make(string subject, string uri, string dns)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now, now.AddDays(1));
    }
}
