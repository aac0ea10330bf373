using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Catalog;

public sealed class CertificateCheckTests : IDisposable
{
    private static readonly CertificateResource Shop = new("shop", [], "chain", "key", IsDefault: false, null);
    private readonly TestAuthority _authority = new();
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void What_does_not_touch_a_certificate_does_not_concern_it()
    {
        Assert.False(CertificateCheck.Concerns([Shop], Changed("Route", "shop")));
        Assert.False(CertificateCheck.Concerns([Shop], Changed("Secret", "another")));
        Assert.True(CertificateCheck.Concerns([Shop], Changed("Secret", "key")));
        Assert.True(CertificateCheck.Concerns([Shop], Changed("Certificate", "shop")));
        Assert.False(CertificateCheck.Concerns([], Changed("Certificate", "shop")));
    }

    [Fact]
    public void One_that_has_ended_is_refused_where_it_is_new_and_warned_of_where_it_is_not()
    {
        Give("", _authority.Issue(["a.test"], ends: TimeSpan.FromDays(-1)));

        var ended = Assert.Single(Run(Changed("Secret", "chain")).Errors);
        var (errors, warnings) = Run(Changed("Certificate", "another"));

        Assert.StartsWith("the certificate ended at ", ended.Message, StringComparison.Ordinal);
        Assert.Empty(errors);
        Assert.EndsWith("clients refuse it", Assert.Single(warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_begins_later_is_refused()
    {
        Give("", _authority.Issue(["a.test"], begins: TimeSpan.FromHours(1)));

        Assert.StartsWith("the certificate begins at ", Assert.Single(Run(Changed("Certificate", "shop")).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_ends_soon_is_taken_with_a_warning()
    {
        Give("", _authority.Issue(["a.test"], begins: TimeSpan.FromDays(-80), ends: TimeSpan.FromDays(10.5)));

        var (errors, warnings) = Run(Changed("Certificate", "shop"));

        Assert.Empty(errors);
        Assert.EndsWith("in 10 days: renew it", Assert.Single(warnings).Message, StringComparison.Ordinal);
        Assert.Equal("Certificate/shop: chain", warnings[0].Path);
    }

    [Fact]
    public void Two_that_name_one_host_in_themselves_are_refused()
    {
        Give("", _authority.Issue(["a.test"]));
        Give("2", _authority.Issue(["b.test", "a.test"]));

        var (errors, _) = CertificateCheck.Run(
            [Shop, Shop with { Name = "shop2", Chain = "chain2", Key = "key2" }], Changed("Certificate", "shop2"), name => _secrets.GetValueOrDefault(name), TimeProvider.System.GetUtcNow());

        Assert.Equal("Certificate/shop2: hosts", Assert.Single(errors).Path);
    }

    private static ImmutableArray<ResourceChange> Changed(string kind, string name) => [new ResourceChange(ChangeType.Changed, kind, name)];

    private void Give(string suffix, IssuedCertificate issued) => (_secrets[$"chain{suffix}"], _secrets[$"key{suffix}"]) = (issued.Chain, issued.Key);

    private (ImmutableArray<FieldError> Errors, ImmutableArray<FieldError> Warnings) Run(ImmutableArray<ResourceChange> changes) =>
        CertificateCheck.Run([Shop], changes, name => _secrets.GetValueOrDefault(name), TimeProvider.System.GetUtcNow());
}
