using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Who is let in on a plain route: by scopes, by addresses, by HTTP Basic.</summary>
public sealed class RouteEntryTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"e{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_route_with_scopes_takes_keys_and_tokens_that_have_all_of_them()
    {
        await using var upstream = await Upstream.StartAsync("in");
        await using var issuer = await TokenIssuer.StartAsync();
        await ApplyAsync(upstream, "access: key\nscopes: [orders.read, orders.write]", $"""
            kind: Issuer
            name: {_name}
            issuer: {issuer.Url}
            audiences: [here]
            tenant: {_name}
            """);
        var plain = (await _gateway.Admin.CreateTenantAsync(_name)).Key;

        using var refused = await GetAsync(Bearer(plain));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"orders.read orders.write\"", refused.Headers.WwwAuthenticate.ToString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Bearer(await KeyAsync(new { scopes = new[] { "orders.write", "orders.read", "more" } }))));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(Bearer(await KeyAsync(new { scopes = new[] { "orders.write" } }))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Bearer(Token(issuer, "orders.read orders.write"))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Bearer(Token(issuer, new[] { "orders.read", "orders.write" }))));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(Bearer(Token(issuer, "orders.read"))));
    }

    [Theory]
    [InlineData("allow: [127.0.0.0/8]", HttpStatusCode.OK)]
    [InlineData("allow: [10.0.0.0/8, \"::1\"]", HttpStatusCode.Forbidden)]
    [InlineData("deny: [127.0.0.1]", HttpStatusCode.Forbidden)]
    [InlineData("deny: [10.0.0.0/8]", HttpStatusCode.OK)]
    [InlineData("allow: [127.0.0.0/8], deny: [127.0.0.1]", HttpStatusCode.Forbidden)]
    public async Task A_route_takes_requests_from_the_addresses_that_it_declares(string clients, HttpStatusCode expected)
    {
        await using var upstream = await Upstream.StartAsync("in");
        await ApplyAsync(upstream, $"clients: {{ {clients} }}");

        // Nobody in front of this edge is believed.
        var status = await StatusAsync(request => request.Headers.Add("X-Forwarded-For", expected == HttpStatusCode.OK ? "10.0.0.1" : "127.0.0.2"));

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task A_key_that_is_bound_to_addresses_is_refused_from_others()
    {
        await using var upstream = await Upstream.StartAsync("in");
        await ApplyAsync(upstream, "access: key");
        await _gateway.Admin.CreateTenantAsync(_name);
        var (here, elsewhere) = (await KeyAsync(new { addresses = new[] { "127.0.0.1" } }), await KeyAsync(new { addresses = new[] { "203.0.113.0/24" } }));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Bearer(here)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(Bearer(elsewhere)));
    }

    [Fact]
    public async Task A_key_comes_as_the_password_of_HTTP_Basic_only_where_the_route_says_so()
    {
        await using var upstream = await Upstream.StartAsync("in");
        await ApplyAsync(upstream, "access: key\nbasic: true");
        var key = (await _gateway.Admin.CreateTenantAsync(_name)).Key;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Basic($"anybody:{key}")));
        Assert.False(upstream.Requests.Single().Headers.ContainsKey("Authorization"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Basic($"anybody:{key}x")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Bearer(key)));
        await ApplyAsync(upstream, "access: key");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Basic($"anybody:{key}")));
    }

    [Fact]
    public async Task What_a_route_cannot_mean_is_refused()
    {
        var (status, answer) = await _gateway.Admin.SendAsync(HttpMethod.Post, "apply", $$"""
            kind: Route
            name: {{_name}}
            match: { path: /{{_name}} }
            scopes: ["a b"]
            clients: { allow: [10.0.0.1/8, 300.1.1.1, "7"] }
            split: [{ upstream: none }]
            """, "application/yaml");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var told = answer.ToString();
        Assert.Contains("scopes[0]", told, StringComparison.Ordinal);
        Assert.Contains("has no effect on a public route", told, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 3), i => Assert.Contains($"allow[{i}]", told, StringComparison.Ordinal));
    }

    private static string Token(TokenIssuer issuer, object scopes) => issuer.Issue("here", new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ada", ["scope"] = scopes });

    private static Action<HttpRequestMessage> Bearer(string credential) => request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);

    private static Action<HttpRequestMessage> Basic(string pair) =>
        request => request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));

    private async Task<string> KeyAsync(object body) => (await _gateway.Admin.PostAsync($"tenants/{_name}/keys", body)).GetProperty("key").GetString()!;

    private async Task<HttpStatusCode> StatusAsync(Action<HttpRequestMessage> prepare)
    {
        using var answer = await GetAsync(prepare);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> GetAsync(Action<HttpRequestMessage> prepare)
    {
        using var client = new HttpClient { BaseAddress = _gateway.Edge };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{_name}");
        prepare(request);
        return await client.SendAsync(request);
    }

    private Task<long> ApplyAsync(Upstream upstream, string route, params string[] more) => _gateway.ApplyAsync(string.Join("\n---\n", [
        $$"""
        kind: Upstream
        name: {{_name}}
        addresses: ["{{upstream.Address}}"]
        ---
        kind: Route
        name: {{_name}}
        match: { path: /{{_name}} }
        split: [{ upstream: {{_name}} }]
        """ + $"\n{route}", .. more]));
}
