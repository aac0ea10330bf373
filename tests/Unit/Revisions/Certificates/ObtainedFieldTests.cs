using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions.Certificates;

/// <summary><c>CertificateAuthority</c> and what of a <c>Certificate</c> names one, as they are read and compiled.</summary>
public sealed class ObtainedFieldTests
{
    [Theory]
    [InlineData("\"authority\":\"le\"", "hosts: is missing: with authority it says for which names a certificate is asked")]
    [InlineData("\"authority\":\"le\",\"hosts\":[\"a.test\",\"*.a.test\"]", "hosts[1]: is '*.a.test': over HTTP an authority can be shown that whole names are yours")]
    [InlineData("\"authority\":\"le\",\"hosts\":[\"10.0.0.1\"]", "hosts[0]: is '10.0.0.1': over HTTP")]
    [InlineData("\"authority\":\"le\",\"hosts\":[\"a.test\"],\"chain\":{\"secret\":\"s\"}", "chain: stands beside authority")]
    public void What_cannot_be_obtained_is_told(string fields, string expected) =>
        Assert.Contains(Declared.Errors($$"""{"kind":"Certificate","name":"c",{{fields}}}"""), e => e.StartsWith($"Certificate/c: {expected}", StringComparison.Ordinal));

    [Theory]
    [InlineData("\"directory\":\"http://ca.test/dir\"", "directory: must begin with https://")]
    [InlineData("\"directory\":\"https://ca.test/dir\",\"contacts\":[\"mailto:a@b.test\"]", "contacts[0]: must be a mail address such as ops@example.com")]
    [InlineData("\"directory\":\"https://ca.test/dir\",\"externalAccount\":{\"keyId\":\"k\"}", "externalAccount.key: is missing")]
    [InlineData("\"directory\":\"https://ca.test/dir\",\"email\":\"a\"", "email: unknown field 'email'")]
    public void What_is_wrong_with_an_authority_is_told(string fields, string expected) =>
        Assert.Contains(Declared.Errors($$"""{"kind":"CertificateAuthority","name":"le",{{fields}}}"""), e => e.StartsWith($"CertificateAuthority/le: {expected}", StringComparison.Ordinal));

    [Fact]
    public void What_they_name_must_be_declared_but_for_the_secret_that_is_still_to_come()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Certificate, name: a, hosts: [a.test], authority: nobody }
            ---
            { kind: Certificate, name: b, hosts: [b.test, B2.test], authority: le }
            ---
            { kind: CertificateAuthority, name: le, directory: "https://ca.test/dir", ca: { secret: roots }, externalAccount: { keyId: k, key: { secret: mac } } }
            """)).Errors;
        Assert.Equal(
            ["Certificate/a: authority", "CertificateAuthority/le: ca.secret", "CertificateAuthority/le: externalAccount.key.secret"], errors.Select(e => e.Path));

        var plan = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Certificate, name: b, hosts: [b.test, B2.test], authority: le }
            ---
            { kind: CertificateAuthority, name: le, directory: "http://127.0.0.1:14000/dir" }
            """)).Plan!;
        Assert.Equal("b", plan.ChallengedHosts!["b2.TEST"]);
        Assert.Equal(["acme.b"], plan.SecretNames);
        Assert.Equal("b", CertificateResource.ObtainedFor("acme.b"));
    }

    [Fact]
    public void A_revision_without_such_certificates_asks_no_request_for_it() => Assert.Null(RevisionCompiler.Compile([]).Plan!.ChallengedHosts);
}
