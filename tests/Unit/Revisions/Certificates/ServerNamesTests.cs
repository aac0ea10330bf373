using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions.Certificates;

public sealed class ServerNamesTests
{
    [Theory]
    [InlineData("shop.example.com", "shop")]
    [InlineData("SHOP.example.com.", "shop")]
    [InlineData("other.example.com", "wild")]
    [InlineData("a.other.example.com", null)]
    [InlineData("example.com", null)]
    [InlineData("example.org", null)]
    [InlineData(".example.com", null)]
    [InlineData("", "fallback")]
    public void An_exact_name_goes_before_a_wildcard_of_one_label_and_no_name_before_neither(string asked, string? expected)
    {
        var errors = new List<FieldError>();
        var names = Build(errors, ("wild", ["*.example.com"], false), ("shop", ["shop.example.com"], false), ("fallback", ["fallback.test"], true));

        Assert.Empty(errors);
        Assert.Equal(expected, names.Find(asked));
    }

    [Fact]
    public void Two_for_one_host_and_two_defaults_are_refused_by_name()
    {
        var errors = new List<FieldError>();

        Build(errors, ("one", ["a.test", "*.b.test"], true), ("two", ["A.test", "*.b.test"], true));

        Assert.Equal(
            [
                "Certificate/two: hosts: 'A.test' is served by Certificate 'one' too; name in hosts whom each of the two is for",
                "Certificate/two: hosts: '*.b.test' is served by Certificate 'one' too; name in hosts whom each of the two is for",
                "Certificate/two: default: Certificate 'one' is the default too; one of them can be",
            ],
            errors.Select(e => $"{e.Path}: {e.Message}"));
    }

    [Fact]
    public void Without_a_default_those_who_name_no_host_get_none() => Assert.Null(Build([], ("one", ["a.test"], false)).Find(""));

    [Theory]
    [InlineData(90, 30, false)]
    [InlineData(90, 20, true)]
    [InlineData(6, 3, false)]
    [InlineData(6, 1, true)]
    [InlineData(90, -1, true)]
    public void The_end_is_near_when_a_third_is_left_but_three_weeks_at_most(int days, int left, bool isNear)
    {
        var now = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
        var ends = now + TimeSpan.FromDays(left);

        Assert.Equal(isNear, CertificateExpiry.IsNear(ends - TimeSpan.FromDays(days), ends, now));
        Assert.Equal(isNear, CertificateExpiry.FindNear(ends - TimeSpan.FromDays(days), ends, now) is not null);
    }

    private static ServerNames<string> Build(List<FieldError> errors, params (string Name, string[] Hosts, bool IsDefault)[] certificates) => ServerNames<string>.Build(
        certificates.Select(c => (new CertificateResource(c.Name, [], "chain", "key", c.IsDefault, null), System.Collections.Immutable.ImmutableArray.Create(c.Hosts), c.Name)), errors);
}
