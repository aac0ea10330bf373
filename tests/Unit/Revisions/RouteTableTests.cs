using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>A request made of a host, a method and a path.</summary>
internal readonly struct PlainRequest(string host, string method, string path) : IRoutableRequest
{
    public ReadOnlySpan<char> Host => host;

    public string Method => method;

    public ReadOnlySpan<char> Path => path;

    public bool HasHeader(ValueTest asked) => string.Equals(asked.Name, "x-beta", StringComparison.Ordinal) && host.Contains("beta", StringComparison.Ordinal);

    public bool HasQuery(ValueTest asked) => false;

    public string? Header(string name) => null;

    public string? Cookie(string name) => null;

    public string? Subject => null;
}

public sealed class RouteTableTests
{
    private static readonly RouteTable Routes = RevisionCompiler.Compile(Declared.Bodies("""
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Route, name: any, match: { path: "/{**rest}" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: orders, match: { path: "/orders/{id}", methods: [GET] }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: latest, match: { path: /orders/latest }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: below, match: { path: "/orders/{id}/{**rest}" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: beta, match: { path: /orders/latest, headers: [{ name: x-beta }] }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: shop, match: { hosts: [shop.example.com], path: "/only/{a}" , methods: [POST] }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: wild, match: { hosts: ["*.example.com"], path: /wild }, split: [{ upstream: u }] }
        """)).Plan!.Routes;

    [Theory]
    [InlineData("h", "GET", "/", "any")]
    [InlineData("h", "GET", "/orders/7", "orders")]
    [InlineData("h", "POST", "/orders/7", "below")]
    [InlineData("h", "GET", "/orders/latest", "latest")]
    [InlineData("beta", "GET", "/orders/latest", "beta")]
    [InlineData("h", "GET", "/orders/7/lines/3", "below")]
    [InlineData("h", "GET", "/Orders/7", "any")]
    [InlineData("SHOP.example.com", "POST", "/only/x", "shop")]
    [InlineData("shop.example.com", "GET", "/wild", "wild")]
    [InlineData("a.b.example.com", "GET", "/wild", "wild")]
    [InlineData("example.com", "GET", "/wild", "any")]
    public void The_most_special_route_is_found(string host, string method, string path, string expected) =>
        Assert.Equal(expected, Routes.Find(new PlainRequest(host, method, path)).Route?.Resource.Name);

    [Fact]
    public void Where_only_the_method_is_wrong_the_right_ones_are_told()
    {
        var routes = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: get, match: { path: /x, methods: [GET] }, split: [{ upstream: u }] }
            ---
            { kind: Route, name: put, match: { path: /x, methods: [PUT] }, split: [{ upstream: u }] }
            """)).Plan!.Routes;
        var (route, allowed) = routes.Find(new PlainRequest("h", "DELETE", "/x"));
        Assert.Null(route);
        Assert.Equal(["GET", "PUT"], allowed.Order(StringComparer.Ordinal));
        Assert.Empty(routes.Find(new PlainRequest("h", "GET", "/y")).AllowedMethods);
    }
}
