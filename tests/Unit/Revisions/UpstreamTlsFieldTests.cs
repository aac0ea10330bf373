using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>An upstream's <c>tls</c>, as it is read and compiled.</summary>
public sealed class UpstreamTlsFieldTests
{
    [Theory]
    [InlineData("\"tls\":{}", "tls: says nothing; leave it out, or give it ca, serverName, verification or clientCertificate")]
    [InlineData("\"tls\":{\"ca\":\"pem\"}", "tls.ca: must be an object, is a text")]
    [InlineData("\"tls\":{\"ca\":{\"secret\":\"s\"},\"verification\":\"none\"}", "tls.ca: has no effect with verification: none; leave one of the two out")]
    [InlineData("\"tls\":{\"verification\":\"off\"}", "tls.verification: must be one of full, chain, none; is 'off'")]
    [InlineData("\"tls\":{\"serverName\":\"https://a\"}", "tls.serverName: must be a host name such as orders.internal, without scheme or port; is 'https://a'")]
    [InlineData("\"tls\":{\"serverName\":\"a:443\"}", "tls.serverName: must be a host name such as orders.internal, without scheme or port; is 'a:443'")]
    [InlineData("\"tls\":{\"clientCertificate\":{}}", "tls.clientCertificate.certificate: is missing; give the name of a Certificate here, or the secrets chain and key")]
    [InlineData("\"tls\":{\"clientCertificate\":{\"certificate\":\"c\",\"key\":{\"secret\":\"k\"}}}", "tls.clientCertificate.certificate: stands beside chain or key; give the name of a Certificate, or the two secrets")]
    [InlineData("\"tls\":{\"clientCertificate\":{\"chain\":{\"secret\":\"c\"}}}", "tls.clientCertificate.key: is missing")]
    [InlineData("\"tls\":{\"name\":\"a\",\"serverName\":\"a\"}", "tls.name: unknown field 'name'")]
    public void What_is_wrong_with_tls_is_told(string fields, string expected)
    {
        var errors = Declared.Errors($$"""{"kind":"Upstream","name":"u","addresses":["https://a"],{{fields}}}""");

        Assert.Contains(errors, e => e.StartsWith($"Upstream/u: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_for_https_alone()
    {
        var errors = Declared.Errors("""{"kind":"Upstream","name":"u","addresses":["https://a","http://b"],"tls":{"serverName":"a"}}""");

        Assert.Equal(["Upstream/u: tls: has no effect on http://b/, which is reached without TLS; write https, or leave tls out"], errors);
    }

    [Fact]
    public void What_it_names_must_be_declared()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: a, addresses: ["https://a"], tls: { ca: { secret: roots }, clientCertificate: { certificate: us } } }
            ---
            { kind: Upstream, name: b, addresses: ["https://b"], tls: { clientCertificate: { chain: { secret: c }, key: { secret: k } } } }
            """)).Errors;

        Assert.Equal(
            [
                "Upstream/a: tls.ca.secret: there is no Secret 'roots'",
                "Upstream/a: tls.clientCertificate.certificate: there is no Certificate 'us'",
                "Upstream/b: tls.clientCertificate.chain.secret: there is no Secret 'c'",
                "Upstream/b: tls.clientCertificate.key.secret: there is no Secret 'k'",
            ],
            errors.Select(e => $"{e.Path}: {e.Message}"));
    }
}
