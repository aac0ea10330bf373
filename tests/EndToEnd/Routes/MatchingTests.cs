using System.Net;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Which route a request meets: the behaviours of the Gateway API's conformance suite for HTTPRoute, through an edge.</summary>
public sealed class MatchingTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    // Each suite has a host of its own, and its routes lead to the upstreams a, b and c.
    private static readonly string[] Bundle =
    [
        // HTTPRouteMatching
        Route("m-1", "matching", "/{**rest}", "a"),
        Route("m-2", "matching", "/v2/{**rest}", "b"),
        Route("m-3", "matching", "/{**rest}", "b", "headers: [{ name: version, values: [two] }]"),

        // HTTPRoutePathMatchOrder
        Route("p-1", "path-order", "/match/exact/one", "c"),
        Route("p-2", "path-order", "/match/exact", "b"),
        Route("p-3", "path-order", "/match", "a"),
        Route("p-4", "path-order", "/match/prefix/one/{**rest}", "b"),
        Route("p-5", "path-order", "/match/prefix/{**rest}", "a"),
        Route("p-6", "path-order", "/match/{**rest}", "c"),

        // HTTPExactPathMatching
        Route("e-1", "exact", "/one", "a"),
        Route("e-2", "exact", "/two", "b"),

        // HTTPRouteHeaderMatching
        Route("h-1", "headers", "/{**rest}", "a", "headers: [{ name: version, values: [one] }]"),
        Route("h-2", "headers", "/{**rest}", "b", "headers: [{ name: version, values: [two] }]"),
        Route("h-3", "headers", "/{**rest}", "a", "headers: [{ name: version, values: [two] }, { name: color, values: [orange] }]"),
        Route("h-4", "headers", "/{**rest}", "c", "headers: [{ name: color, prefix: blu }]"),
        Route("h-5", "headers", "/{**rest}", "b", "headers: [{ name: color, regex: \"gr(een|ay)\" }]"),
        Route("h-6", "headers", "/{**rest}", "c", "headers: [{ name: tenant }, { name: version, absent: true }]"),

        // HTTPRouteQueryParamMatching
        Route("q-1", "query", "/{**rest}", "a", "query: [{ name: animal, values: [whale] }]"),
        Route("q-2", "query", "/{**rest}", "b", "query: [{ name: animal, values: [dolphin] }]"),
        Route("q-3", "query", "/{**rest}", "c", "query: [{ name: animal, values: [dolphin] }, { name: color, values: [blue] }]"),
        Route("q-4", "query", "/{**rest}", "a", "query: [{ name: id, regex: \"[0-9]+\" }]"),

        // HTTPRouteMethodMatching, and which condition comes first
        Route("t-1", "methods", "/{**rest}", "a", "methods: [POST]"),
        Route("t-2", "methods", "/{**rest}", "b", "methods: [GET]"),
        Route("t-3", "methods", "/preferred", "a"),
        Route("t-4", "methods", "/preferred", "b", "headers: [{ name: version, values: [four] }, { name: color, values: [red] }]"),
        Route("t-5", "methods", "/preferred", "c", "methods: [PATCH]"),
        Route("t-6", "methods", "/counted", "a", "query: [{ name: x }, { name: y }]"),
        Route("t-7", "methods", "/counted", "b", "headers: [{ name: version }]"),

        // HTTPRouteHostnameIntersection: exact before wildcard, the longer wildcard before the shorter
        Route("o-1", "*.wild", "/{**rest}", "a"),
        Route("o-2", "*.very.wild", "/{**rest}", "b"),
        Route("o-3", "one.very.wild", "/{**rest}", "c"),
    ];

    [Theory]
    [InlineData("matching", "GET", "/", null, "a")]
    [InlineData("matching", "GET", "/example", null, "a")]
    [InlineData("matching", "GET", "/", "version: one", "a")]
    [InlineData("matching", "GET", "/v2", null, "b")]
    [InlineData("matching", "GET", "/v2/", null, "b")]
    [InlineData("matching", "GET", "/v2/example", null, "b")]
    [InlineData("matching", "GET", "/v2example", null, "a")]
    [InlineData("matching", "GET", "/foo/v2/example", null, "a")]
    [InlineData("matching", "GET", "/", "version: two", "b")]
    [InlineData("path-order", "GET", "/match/exact/one", null, "c")]
    [InlineData("path-order", "GET", "/match/exact", null, "b")]
    [InlineData("path-order", "GET", "/match", null, "a")]
    [InlineData("path-order", "GET", "/match/prefix/one/any", null, "b")]
    [InlineData("path-order", "GET", "/match/prefix/any", null, "a")]
    [InlineData("path-order", "GET", "/match/any", null, "c")]
    [InlineData("exact", "GET", "/one", null, "a")]
    [InlineData("exact", "GET", "/two", null, "b")]
    [InlineData("exact", "GET", "/", null, null)]
    [InlineData("exact", "GET", "/one/example", null, null)]
    [InlineData("exact", "GET", "/two/", null, null)]
    [InlineData("exact", "GET", "/Two", null, null)]
    [InlineData("headers", "GET", "/", "version: one", "a")]
    [InlineData("headers", "GET", "/", "VERSION: two", "b")]
    [InlineData("headers", "GET", "/", "version: two; color: orange", "a")]
    [InlineData("headers", "GET", "/", "color: blue", "c")]
    [InlineData("headers", "GET", "/", "color: Blue", null)]
    [InlineData("headers", "GET", "/", "color: green", "b")]
    [InlineData("headers", "GET", "/", "color: greenish", null)]
    [InlineData("headers", "GET", "/", "tenant: any", "c")]
    [InlineData("headers", "GET", "/", "tenant: any; version: three", null)]
    [InlineData("headers", "GET", "/", "color: orange", null)]
    [InlineData("headers", "GET", "/", null, null)]
    [InlineData("query", "GET", "/?animal=whale", null, "a")]
    [InlineData("query", "GET", "/?animal=dolphin", null, "b")]
    [InlineData("query", "GET", "/?animal=dolphin&color=blue", null, "c")]
    [InlineData("query", "GET", "/?animal=dolphin&color=red", null, "b")]
    [InlineData("query", "GET", "/?animal=%64olphin", null, "b")]
    [InlineData("query", "GET", "/?animal=shark", null, null)]
    [InlineData("query", "GET", "/?id=42", null, "a")]
    [InlineData("query", "GET", "/?id=42a", null, null)]
    [InlineData("query", "GET", "/", null, null)]
    [InlineData("methods", "POST", "/", null, "a")]
    [InlineData("methods", "GET", "/", null, "b")]
    [InlineData("methods", "PATCH", "/preferred", "version: four; color: red", "c")]
    [InlineData("methods", "POST", "/preferred", "version: four; color: red", "b")]
    [InlineData("methods", "POST", "/preferred", "version: four", "a")]
    [InlineData("methods", "GET", "/counted?x=1&y=2", "version: any", "b")]
    [InlineData("methods", "GET", "/counted?x=1&y=2", null, "a")]
    [InlineData("any.wild", "GET", "/", null, "a")]
    [InlineData("very.wild", "GET", "/", null, "a")]
    [InlineData("two.very.wild", "GET", "/", null, "b")]
    [InlineData("a.two.very.wild:8080", "GET", "/", null, "b")]
    [InlineData("ONE.very.wild", "GET", "/", null, "c")]
    [InlineData("wild", "GET", "/", null, null)]
    public async Task The_route_is_found(string host, string method, string target, string? headers, string? expected)
    {
        await ApplyAsync();
        using var client = echoing.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), target) { Headers = { Host = host } };
        foreach (var header in headers?.Split("; ") ?? [])
        {
            request.Headers.Add(header.Split(": ")[0], header.Split(": ")[1]);
        }

        using var answer = await client.SendAsync(request);

        if (expected is null)
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        else
        {
            Assert.Equal(expected, (await EchoingGateway.ToldAsync(answer)).GetProperty("upstream").GetString());
        }
    }

    private static string Route(string name, string host, string path, string upstream, string? conditions = null) =>
        $"{{ kind: Route, name: {name}, match: {{ hosts: [\"{host}\"], path: \"{path}\"{(conditions is null ? "" : $", {conditions}")} }}, split: [{{ upstream: {upstream} }}] }}";

    // The same again makes no revision: only the first of the table's rows waits for one.
    private Task ApplyAsync() => echoing.Gateway.Admin.ApplyAsync(string.Join("\n---\n", Bundle));
}
