using System.Net;
using System.Text.Json;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>What a route changes, on both ways of forwarding: whole bodies go the lean way, chunked ones through YARP.</summary>
public sealed class TransformTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    private readonly string _name = $"t{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("/{n}/{**rest}", "path: \"/v2/{rest}\"", "/{n}/a/b?q=1", "/v2/a/b?q=1")]
    [InlineData("/{n}/{**rest}", "path: \"/v2/{**rest}\"", "/{n}", "/v2")]
    [InlineData("/{n}/{**rest}", "path: \"/v2/{rest}\"", "/{n}/", "/v2/")]
    [InlineData("/{n}/{**rest}", "path: \"/{rest}\"", "/{n}", "/")]
    [InlineData("/{n}/{**rest}", "path: \"/{rest}/end\"", "/{n}/a/", "/a/end")]
    [InlineData("/{n}/{id}/{part}", "path: \"/{part}/by-{id}\"", "/{n}/7/lines", "/lines/by-7")]
    [InlineData("/{n}/{id}", "path: \"/fixed\"", "/{n}/7?a=b", "/fixed?a=b")]
    [InlineData("/{n}/{id}", "path: \"/x/{id}\"", "/{n}/caf%C3%A9%20au%20lait", "/x/caf%C3%A9%20au%20lait")]
    [InlineData("/{n}/{**rest}", "path: \"/old{request.path}\"", "/{n}/a", "/old/{n}/a")]
    public Task A_path_is_rewritten(string match, string rewrite, string asked, string expected) =>
        OnBothWaysAsync(match, $"rewrite: {{ {rewrite} }}", asked, told => Assert.Equal(Named(expected), told.GetProperty("target").GetString()));

    [Theory]
    [InlineData("api.internal", "api.internal")]
    [InlineData("api.internal:8081", "api.internal:8081")]
    [InlineData("{request.host}", "shop.example.com")]
    public Task The_host_is_rewritten_and_the_clients_is_told_beside(string host, string expected) =>
        OnBothWaysAsync("/{n}", $"rewrite: {{ host: \"{host}\" }}", "/{n}", told =>
        {
            Assert.Equal(expected, Header(told, "Host"));
            Assert.Equal("shop.example.com", Header(told, "X-Forwarded-Host"));
        });

    [Fact]
    public Task Headers_of_the_request_are_set_added_and_removed() =>
        OnBothWaysAsync(
            "/{n}/{id}",
            "requestHeaders: { set: { x-set: \"item {id}\", x-new: \"{request.method} {request.id}\" }, add: { x-add: [two, three] }, remove: [x-gone, user-agent] }",
            "/{n}/a%0d%0aevil:%201",
            told =>
            {
                Assert.Equal("item a%0D%0Aevil:%201", Header(told, "x-set"));
                Assert.Matches("^POST req_[0-9a-f]+$", Header(told, "x-new"));
                Assert.Equal("one,two,three", Header(told, "x-add")!.Replace(", ", ",", StringComparison.Ordinal));
                Assert.Null(Header(told, "x-gone"));
                Assert.Null(Header(told, "evil"));
                Assert.NotNull(Header(told, "sluice-request-id"));
            });

    [Theory]
    [InlineData("set: { v: \"2\" }", "?a=1&v=1&b=2&V=3", "?a=1&b=2&v=2")]
    [InlineData("add: { v: [\"2\", \"a&b\"] }", "?v=1", "?v=1&v=2&v=a%26b")]
    [InlineData("remove: [debug]", "?debug&x=%26debug%3d1&%64ebug=2", "?x=%26debug%3d1")]
    [InlineData("remove: [debug]", "?debug=1", "")]
    [InlineData("set: { item: \"{id}\" }", "", "?item=7")]
    public Task The_query_is_changed_and_what_stays_keeps_its_bytes(string changes, string query, string expected) =>
        OnBothWaysAsync("/{n}/{id}", $"query: {{ {changes} }}", $"/{{n}}/7{query}", told => Assert.Equal(Named($"/{{n}}/7{expected}"), told.GetProperty("target").GetString()));

    [Fact]
    public async Task Headers_of_the_answer_are_set_added_and_removed_but_never_the_gateways()
    {
        await RouteAsync("/{n}/{id}", "responseHeaders: { set: { x-own: \"{id}\" }, add: { cache-control: no-store }, remove: [x-powered-by] }");
        foreach (var chunked in new[] { false, true })
        {
            using var answer = await SendAsync("/{n}/7", chunked);

            Assert.Equal("7", Assert.Single(answer.Headers.GetValues("x-own")));
            Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
            Assert.False(answer.Headers.Contains("x-powered-by"));
            Assert.StartsWith("default@", Assert.Single(answer.Headers.GetValues("sluice-revision")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{ scheme: https }", 302, "https://shop.example.com/{n}/a/b?q=1")]
    [InlineData("{ scheme: https, status: 301 }", 301, "https://shop.example.com/{n}/a/b?q=1")]
    [InlineData("{ scheme: https, port: 8443, status: 303 }", 303, "https://shop.example.com:8443/{n}/a/b?q=1")]
    [InlineData("{ scheme: https, port: 443 }", 302, "https://shop.example.com/{n}/a/b?q=1")]
    [InlineData("{ scheme: http, port: 80 }", 302, "http://shop.example.com/{n}/a/b?q=1")]
    [InlineData("{ scheme: http, port: 443 }", 302, "http://shop.example.com:443/{n}/a/b?q=1")]
    [InlineData("{ port: 8083 }", 302, "http://shop.example.com:8083/{n}/a/b?q=1")]
    [InlineData("{ host: www.example.org, status: 308 }", 308, "http://www.example.org:81/{n}/a/b?q=1", "shop.example.com:81")]
    [InlineData("{ host: www.example.org, scheme: https }", 302, "https://www.example.org/{n}/a/b?q=1", "shop.example.com:81")]
    [InlineData("{ path: \"/new/{rest}\", status: 307 }", 307, "http://shop.example.com/new/a/b?q=1")]
    [InlineData("{ path: \"/full\" }", 302, "http://shop.example.com/full?q=1")]
    [InlineData("{ host: example.org, path: \"/new/{rest}\" }", 302, "http://example.org/new/a/b?q=1")]
    [InlineData("{ host: example.org, path: \"/full\", status: 301 }", 301, "http://example.org/full?q=1")]
    [InlineData("{ scheme: https, host: example.org, port: 8443, path: \"/{rest}\", status: 301 }", 301, "https://example.org:8443/a/b?q=1")]
    public async Task A_redirect_names_what_is_declared_and_keeps_the_rest(string redirect, int status, string expected, string host = "shop.example.com")
    {
        await echoing.Gateway.ApplyAsync(Named($"{{ kind: Route, name: {{n}}, match: {{ path: \"/{{n}}/{{**rest}}\" }}, redirect: {redirect} }}"));
        using var answer = await SendAsync("/{n}/a/b?q=1", chunked: false, host);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(Named(expected), answer.Headers.Location?.OriginalString);
        Assert.Equal(0, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_fixed_answer_takes_the_place_of_an_upstream_and_asks_for_keys_as_any_route()
    {
        await echoing.Gateway.ApplyAsync(Named("""
            { kind: Route, name: {n}, match: { path: "/{n}" }, respond: { status: 503, body: "<h1>Back at 6</h1>", contentType: text/html }, responseHeaders: { set: { retry-after: "3600" } } }
            ---
            { kind: Route, name: {n}-key, match: { path: "/{n}-key" }, access: key, respond: { status: 204 } }
            """));
        using var answer = await SendAsync("/{n}", chunked: false);
        using var refused = await SendAsync("/{n}-key", chunked: false);
        using var client = echoing.Gateway.Client();
        using var let = await client.GetAsync(Named("/{n}-key"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("<h1>Back at 6</h1>", await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("3600", Assert.Single(answer.Headers.GetValues("retry-after")));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, let.StatusCode);
    }

    [Fact]
    public async Task Explain_tells_what_would_be_sent_and_where_a_redirect_leads()
    {
        await RouteAsync("/{n}/{id}", "rewrite: { path: \"/v2/{id}\", host: api.internal }\nquery: { set: { v: \"2\" } }\nrequestHeaders: { remove: [x-gone] }");
        await echoing.Gateway.ApplyAsync(Named("{ kind: Route, name: {n}-r, match: { path: \"/{n}-r\" }, redirect: { scheme: https } }"));
        var sent = await echoing.Gateway.Admin.PostAsync("explain", new { path = Named("/{n}/7?v=1"), method = "GET", host = "shop.example.com" });
        var led = await echoing.Gateway.Admin.PostAsync("explain", new { path = Named("/{n}-r?x=1"), method = "GET", host = "shop.example.com" });

        Assert.Equal(["path: /v2/7", "host: api.internal", "query: ?v=2", "request header x-gone: removed"], sent.GetProperty("route").GetProperty("changes").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(Named("302 to https://shop.example.com/{n}-r?x=1"), led.GetProperty("route").GetProperty("answer").GetString());
    }

    private async Task OnBothWaysAsync(string match, string changes, string asked, Action<JsonElement> check)
    {
        await RouteAsync(match, changes);
        foreach (var chunked in new[] { false, true })
        {
            using var answer = await SendAsync(asked, chunked);
            check(await EchoingGateway.ToldAsync(answer));
        }
    }

    private Task RouteAsync(string match, string changes) =>
        echoing.Gateway.ApplyAsync(Named($"kind: Route\nname: {{n}}\nmatch: {{ path: \"{match}\" }}\nsplit: [{{ upstream: a }}]\n{changes}\n"));

    private async Task<HttpResponseMessage> SendAsync(string target, bool chunked, string host = "shop.example.com")
    {
        using var client = echoing.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, Named(target)) { Content = new StringContent("body"), Headers = { Host = host, TransferEncodingChunked = chunked } };
        request.Headers.Add("x-set", "of the client");
        request.Headers.Add("x-add", "one");
        request.Headers.Add("x-gone", "of the client");
        request.Headers.Add("user-agent", "test");
        return await client.SendAsync(request);
    }

    private string Named(string text) => text.Replace("{n}", _name, StringComparison.Ordinal);

    private static string? Header(JsonElement told, string name) =>
        told.GetProperty("headers").EnumerateObject().Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value.GetString()).SingleOrDefault();
}
