using System.Net;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Which pages may call a route, as browsers are told (the conformance suite's HTTPRouteCORS).</summary>
public sealed class CorsTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    private readonly string _name = $"c{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("https://app.example.com", "PUT", "x-one, X-Two", true)]
    [InlineData("https://app.example.com", "PUT", null, true)]
    [InlineData("https://shop.example.org", "GET", "x-one", true)]
    [InlineData("https://a.b.example.org", "GET", null, true)]
    [InlineData("https://example.org", "GET", null, false)]
    [InlineData("http://shop.example.org", "GET", null, false)]
    [InlineData("https://evilexample.org", "GET", null, false)]
    [InlineData("https://app.example.com.evil.example", "GET", null, false)]
    [InlineData("https://app.example.com:8443", "GET", null, false)]
    [InlineData("null", "GET", null, false)]
    [InlineData("https://app.example.com", "DELETE", null, false)]
    [InlineData("https://app.example.com", "GET", "x-three", false)]
    public async Task A_preflight_is_answered_without_a_key_and_without_the_upstream(string origin, string method, string? headers, bool allowed)
    {
        await RouteAsync("origins: [\"https://app.example.com\", \"https://*.example.org\"], methods: [GET, PUT], headers: [x-one, x-two], credentials: true, maxAge: 10m");
        var before = echoing["a"].Requests.Count;
        using var answer = await PreflightAsync(origin, method, headers);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(before, echoing["a"].Requests.Count);
        Assert.Contains("Origin", string.Join(',', answer.Headers.Vary), StringComparison.Ordinal);
        Assert.Equal(allowed ? origin : null, Header(answer, "access-control-allow-origin"));
        Assert.Equal(allowed ? "true" : null, Header(answer, "access-control-allow-credentials"));
        Assert.Equal(allowed ? "GET, PUT" : null, Header(answer, "access-control-allow-methods"));
        Assert.Equal(allowed ? "x-one, x-two" : null, Header(answer, "access-control-allow-headers"));
        Assert.Equal(allowed ? "600" : null, Header(answer, "access-control-max-age"));
    }

    [Fact]
    public async Task Any_origin_is_told_a_star_and_any_header_what_it_asks_for()
    {
        await RouteAsync("origins: [\"*\"], headers: [\"*\"]");
        using var answer = await PreflightAsync("https://anywhere.example", "GET", "x-any");

        Assert.Equal("*", Header(answer, "access-control-allow-origin"));
        Assert.Equal("x-any", Header(answer, "access-control-allow-headers"));
        Assert.Null(Header(answer, "access-control-allow-credentials"));
    }

    [Fact]
    public async Task Every_answer_says_whether_its_page_may_read_it_a_refusal_too()
    {
        await RouteAsync("origins: [\"https://app.example.com\"], expose: [x-own]");
        using var refused = await GetAsync("https://app.example.com", key: null);
        using var served = await GetAsync("https://app.example.com", echoing.Gateway.TenantKey);
        using var other = await GetAsync("https://other.example.com", echoing.Gateway.TenantKey);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("https://app.example.com", Header(refused, "access-control-allow-origin"));
        Assert.Equal("https://app.example.com", Header(served, "access-control-allow-origin"));
        Assert.Equal("x-own", Header(served, "access-control-expose-headers"));
        Assert.Contains("Origin", served.Headers.Vary);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Null(Header(other, "access-control-allow-origin"));
        Assert.Contains("Origin", other.Headers.Vary);
    }

    [Fact]
    public async Task A_route_without_cors_leaves_preflights_to_its_upstream()
    {
        await echoing.Gateway.ApplyAsync($"{{ kind: Route, name: {_name}, match: {{ path: /{_name} }}, split: [{{ upstream: a }}] }}");
        using var answer = await PreflightAsync("https://app.example.com", "GET", null);

        Assert.Equal("OPTIONS", (await EchoingGateway.ToldAsync(answer)).GetProperty("method").GetString());
    }

    private Task RouteAsync(string cors) => echoing.Gateway.ApplyAsync($$"""
        { kind: Route, name: {{_name}}, match: { path: /{{_name}}, methods: [GET, PUT, DELETE] }, access: key, cors: { {{cors}} }, split: [{ upstream: a }] }
        """);

    private async Task<HttpResponseMessage> PreflightAsync(string origin, string method, string? headers)
    {
        using var client = echoing.Client();
        using var request = new HttpRequestMessage(HttpMethod.Options, $"/{_name}");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        if (headers is not null)
        {
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return await client.SendAsync(request);
    }

    private async Task<HttpResponseMessage> GetAsync(string origin, string? key)
    {
        using var client = echoing.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{_name}");
        request.Headers.Add("Origin", origin);
        if (key is not null)
        {
            request.Headers.Add("x-api-key", key);
        }

        return await client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
