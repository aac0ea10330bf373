using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Tls;

namespace Sluice.Tests.Unit.Edge.Tls;

/// <summary>Which requests may be an authority's.</summary>
public sealed class AuthorityChallengesTests
{
    private static readonly FrozenDictionary<string, string> Hosts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["shop.test"] = "shop" }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("GET", "shop.test", "/.well-known/acme-challenge/token", "shop")]
    [InlineData("HEAD", "SHOP.test:80", "/.well-known/acme-challenge/token", "shop")]
    [InlineData("POST", "shop.test", "/.well-known/acme-challenge/token", null)]
    [InlineData("GET", "other.test", "/.well-known/acme-challenge/token", null)]
    [InlineData("GET", "", "/.well-known/acme-challenge/token", null)]
    [InlineData("GET", "shop.test", "/.well-known/acme-challenge/", null)]
    [InlineData("GET", "shop.test", "/.well-known/acme-challenge", null)]
    [InlineData("GET", "shop.test", "/.WELL-KNOWN/acme-challenge/token", null)]
    public void It_is_the_path_of_a_host_whose_certificate_is_obtained(string method, string host, string path, string? certificate)
    {
        var http = new DefaultHttpContext { Request = { Method = method, Host = new HostString(host), Path = path } };

        Assert.Equal(certificate, AuthorityChallenges.CertificateOf(http.Request, Hosts));
    }

    [Fact]
    public void A_token_that_is_too_long_is_none()
    {
        var http = new DefaultHttpContext { Request = { Method = "GET", Host = new HostString("shop.test"), Path = $"/.well-known/acme-challenge/{new string('a', 257)}" } };

        Assert.Null(AuthorityChallenges.CertificateOf(http.Request, Hosts));
    }
}
