using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Catalog;

public sealed class UpstreamTlsCheckTests : IDisposable
{
    private static readonly UpstreamResource Own = Upstream("own", new UpstreamTls("ca", null, UpstreamVerification.Full, new ClientIdentity(null, "chain", "key")));
    private static readonly UpstreamResource Declared = Upstream("declared", new UpstreamTls(null, null, UpstreamVerification.Full, new ClientIdentity("us", null, null)));
    private static readonly Plan Plan = new()
    {
        Upstreams = new[] { Own, Declared, Upstream("plain", null) }.ToFrozenDictionary(u => u.Name),
        Certificates = [new CertificateResource("us", [], "us-chain", "us-key", IsDefault: false, null)],
    };

    private readonly TestAuthority _authority = new();
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("Upstream", "own", "own")]
    [InlineData("Upstream", "plain", "")]
    [InlineData("Secret", "ca", "own")]
    [InlineData("Secret", "us-key", "declared")]
    [InlineData("Certificate", "us", "declared")]
    [InlineData("Secret", "another", "")]
    public void A_change_concerns_those_that_are_made_of_it(string kind, string name, string expected) =>
        Assert.Equal(expected, string.Join(',', UpstreamTlsCheck.Concerned(Plan, Changed(kind, name)).Select(u => u.Name)));

    [Fact]
    public void What_is_good_is_taken_and_what_ends_soon_warned_of()
    {
        Give(_authority.Issue(["edge"], isClient: true, begins: TimeSpan.FromDays(-80), ends: TimeSpan.FromDays(10.5)));

        var (errors, warnings) = Run(Own);

        Assert.Empty(errors);
        Assert.Equal("Upstream/own: tls.clientCertificate", Assert.Single(warnings).Path);
    }

    [Fact]
    public void What_is_for_servers_has_ended_or_is_no_certificate_is_refused_by_field()
    {
        Give(_authority.Issue(["edge"]));
        Assert.Equal("its first certificate is not for clients: its extended key usage lacks client authentication", Assert.Single(Run(Own).Errors).Message);

        Give(_authority.Issue(["edge"], isClient: true, ends: TimeSpan.FromDays(-1)));
        Assert.StartsWith("the certificate ended at ", Assert.Single(Run(Own).Errors).Message, StringComparison.Ordinal);

        Give(_authority.Issue(["edge"], isClient: true));
        _secrets["ca"] = _secrets["chain"];
        _secrets["key"] = _authority.Issue(["other"], isClient: true).Key;
        Assert.Equal(["Upstream/own: tls.ca", "Upstream/own: tls.clientCertificate"], Run(Own).Errors.Select(e => e.Path));

        _secrets.Remove("key");
        Assert.Equal("Upstream/own: tls.clientCertificate.key.secret", Assert.Single(Run(Own).Errors).Path);
    }

    private static UpstreamResource Upstream(string name, UpstreamTls? tls) =>
        new(name, [new Uri("https://a")], LoadBalancing.Random, UpstreamProtocol.Http1, new Timeouts(default, default, default), null) { Tls = tls };

    private static ImmutableArray<ResourceChange> Changed(string kind, string name) => [new ResourceChange(ChangeType.Changed, kind, name)];

    private void Give(IssuedCertificate issued) => (_secrets["chain"], _secrets["key"], _secrets["ca"]) = (issued.Chain, issued.Key, _authority.RootPem);

    private (ImmutableArray<FieldError> Errors, ImmutableArray<FieldError> Warnings) Run(UpstreamResource upstream) =>
        UpstreamTlsCheck.Run([upstream], Plan, name => _secrets.GetValueOrDefault(name), TimeProvider.System.GetUtcNow());
}
