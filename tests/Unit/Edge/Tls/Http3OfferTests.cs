using Microsoft.AspNetCore.Http;
using Sluice.Edge;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Tls;

namespace Sluice.Tests.Unit.Edge.Tls;

public sealed class Http3OfferTests
{
    private static readonly EdgeOptions On = new() { Https = 8443, Http3 = true };

    [Theory]
    [InlineData(null, "h3=\":8443\"; ma=86400")]
    [InlineData(443, "h3=\":443\"; ma=86400")]
    [InlineData(0, null)]
    public void Clients_are_told_the_port_that_leads_there(int? advertised, string? expected) => Assert.Equal(expected, Told(On with { Http3Advertised = advertised }, 8443, "HTTP/2"));

    [Theory]
    [InlineData(8443, "HTTP/1.1", false, true)]
    [InlineData(8080, "HTTP/1.1", false, false)]
    [InlineData(8443, "HTTP/3", false, false)]
    [InlineData(8443, "HTTP/2", true, false)]
    public void Told_are_those_who_came_over_TLS_another_way_while_the_edge_stays(int port, string protocol, bool isLast, bool isTold) => Assert.Equal(isTold, Told(On, port, protocol, isLast) is not null);

    [Fact]
    public void Settings_that_do_not_go_together_are_named()
    {
        Assert.Empty(On.Validate());
        Assert.Equal(
            ["Edge:Http3 is served on the port for TLS, and there is none: name one with Edge:Https (--https), such as 8443"],
            new EdgeOptions { Http = 80, Http3 = true }.Validate());
        Assert.Equal(
            ["Edge:Http3Advertised must be 0 to 65535, is 70000", "Edge:Http3Advertised is told to clients where Edge:Http3 is true, and it is not"],
            new EdgeOptions { Http3Advertised = 70_000 }.Validate());
    }

    private static string? Told(EdgeOptions options, int port, string protocol, bool isLast = false)
    {
        var http = new DefaultHttpContext();
        http.Connection.LocalPort = port;
        http.Request.Protocol = protocol;
        new Http3Offer(options).Tell(new Arrival(http, null!, "id", IsStale: false, isLast));
        return http.Response.Headers.AltSvc.Count == 0 ? null : http.Response.Headers.AltSvc.ToString();
    }
}
