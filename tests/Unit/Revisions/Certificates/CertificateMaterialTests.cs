using System.Security.Cryptography;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Revisions.Certificates;

public sealed class CertificateMaterialTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_chain_with_its_key_is_read_and_serves_the_names_of_the_certificate(bool isRsa)
    {
        Give(_authority.Issue(["shop.example.com", "*.Shop.example.com"], isRsa: isRsa));

        var (material, errors) = Read();

        Assert.Empty(errors);
        Assert.Equal(["shop.example.com", "*.shop.example.com"], material!.Hosts);
        Assert.True(material.Leaf.HasPrivateKey);
        Assert.Equal("CN=Test Intermediate", Assert.Single(material.Intermediates).Subject);
    }

    [Fact]
    public void One_secret_may_hold_both_and_the_root_is_not_sent()
    {
        var issued = _authority.Issue(["a.example.com"]);
        _secrets["both"] = issued.Key + "\n" + issued.Chain + _authority.RootPem;

        var (material, errors) = Read(Declared("both", "both"));

        Assert.Empty(errors);
        Assert.Single(material!.Intermediates);
    }

    [Fact]
    public void A_key_of_another_certificate_is_told_without_showing_it()
    {
        var other = _authority.Issue(["b.example.com"]);
        Give(_authority.Issue(["a.example.com"]) with { Key = other.Key });

        var error = Assert.Single(Read().Errors);

        Assert.Equal("Certificate/shop: key", error.Path);
        Assert.StartsWith("does not belong to the certificate (CN=a.example.com)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Key.Split('\n')[1], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_wrong_names_the_field_and_what_would_be_right()
    {
        var good = _authority.Issue(["a.example.com"]);
        var stranger = new TestAuthority();
        using var encrypted = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var password = encrypted.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

        Assert.Equal("chain: has no certificate: a text with -----BEGIN CERTIFICATE----- is wanted", Wrong("nothing", good.Key));
        Assert.StartsWith("chain: its certificate number", Wrong("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", good.Key), StringComparison.Ordinal);
        Assert.StartsWith("key: has no single private key that belongs to the certificate's kind (ECDSA)", Wrong(good.Chain, "no key"), StringComparison.Ordinal);
        Assert.StartsWith("key: has no single private key", Wrong(good.Chain, _authority.Issue(["a"], isRsa: true).Key), StringComparison.Ordinal);
        Assert.StartsWith("key: is encrypted with a password", Wrong(good.Chain, password), StringComparison.Ordinal);
        Assert.Contains("key: belongs to certificate number 2 of the chain; the server's own must be the first", Wrong($"{good.Between}\n{good.Leaf}", good.Key), StringComparison.Ordinal);
        Assert.Contains("certificate number 1 (CN=a.example.com) was not issued by number 2", Wrong($"{good.Leaf}\n{stranger.BetweenPem}", good.Key), StringComparison.Ordinal);
        Assert.Contains("number 3 must follow it", Wrong($"{good.Leaf}\n{_authority.RootPem}\n{_authority.BetweenPem}", good.Key), StringComparison.Ordinal);
        Assert.StartsWith("chain: its first certificate is not for servers", Wrong(_authority.Issue(["a.example.com"], isClient: true)), StringComparison.Ordinal);
        Assert.StartsWith("chain: its first certificate names no host", Wrong(_authority.Issue([])), StringComparison.Ordinal);
        Assert.Equal(
            "hosts[1]: 'x.b.example.com' is not among the names of the certificate (*.example.com)",
            Wrong(_authority.Issue(["*.example.com"]), Declared() with { Hosts = ["b.example.com", "x.b.example.com"] }));
        Assert.Equal(
            "clients.ca: holds a certificate that may issue none (CN=a.example.com); give those of the authorities",
            Wrong(good, Declared() with { Clients = new ClientPolicy(IsRequired: true, "chain", []) }));
        stranger.Dispose();
    }

    [Fact]
    public void A_secret_that_does_not_open_is_named_by_its_field()
    {
        Assert.Equal(["Certificate/shop: chain.secret", "Certificate/shop: key.secret"], Read().Errors.Select(e => e.Path));
        Assert.Null(CertificateMaterial.VersionOf(Declared(), name => _secrets.GetValueOrDefault(name)));
    }

    [Fact]
    public void Another_content_is_another_version_and_the_text_form_shows_none_of_it()
    {
        Give(_authority.Issue(["a.example.com"]));
        var first = Read().Material!;
        Give(_authority.Issue(["a.example.com"]));
        var second = Read().Material!;

        Assert.NotEqual(first.Version, second.Version);
        Assert.Equal("Certificate/shop", first.ToString());
    }

    private static CertificateResource Declared(string chain = "chain", string key = "key") => new("shop", [], chain, key, IsDefault: false, null);

    private void Give(IssuedCertificate issued) => (_secrets["chain"], _secrets["key"]) = (issued.Chain, issued.Key);

    private string? Wrong(IssuedCertificate issued, CertificateResource? declared = null) => Wrong(issued.Chain, issued.Key, declared);

    private string? Wrong(string chain, string key, CertificateResource? declared = null)
    {
        (_secrets["chain"], _secrets["key"]) = (chain, key);
        return string.Join(" | ", Read(declared).Errors.Select(e => $"{e.Path["Certificate/shop: ".Length..]}: {e.Message}").Order(StringComparer.Ordinal));
    }

    private (CertificateMaterial? Material, System.Collections.Immutable.ImmutableArray<Sluice.Grains.Interfaces.Catalog.FieldError> Errors) Read(CertificateResource? declared = null) =>
        CertificateMaterial.Read(declared ?? Declared(), name => _secrets.GetValueOrDefault(name));
}
