using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>What a tenant is shown of that which it may call.</summary>
public sealed class PortalTests(SharedGateway shared) : IAsyncLifetime
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"o{Guid.NewGuid():n}"[..12];
    private Upstream _upstream = null!;
    private string _key = "";

    [Fact]
    public async Task The_catalogue_has_what_the_tenant_may_call_and_how_it_stands_to_products()
    {
        await _gateway.Admin.PostAsync($"tenants/{_name}/subscriptions", new { product = $"{_name}-premium" });

        var catalog = await CatalogAsync();
        Assert.Equal(_name, catalog.GetProperty("tenant").GetString());
        Assert.Equal([$"{_name}-open"], Names(catalog, "models"));
        Assert.Equal([$"{_name}-key"], Names(catalog, "routes"));
        Assert.Equal([$"/v1/prompts/{_name}-open"], Mine(catalog, "prompts").Select(p => p.GetProperty("path").GetString()));
        Assert.Equal(("subscription", "requested"), Premium(catalog));
        Assert.DoesNotContain($"{_name}-quota", Names(catalog, "limits"));

        await _gateway.Admin.PostAsync($"subscriptions/{_name}~{_name}-premium/approve");

        catalog = await CatalogAsync();
        Assert.Equal([$"{_name}-closed", $"{_name}-open"], Names(catalog, "models"));
        Assert.Equal([$"{_name}-closed", $"{_name}-open"], Names(catalog, "prompts"));
        Assert.Equal(("subscription", "approved"), Premium(catalog));
        var limit = Mine(catalog, "limits").Single(l => string.Equals(l.GetProperty("name").GetString(), $"{_name}-quota", StringComparison.Ordinal));
        Assert.Equal(($"product {_name}-premium", "5 at one time"), (limit.GetProperty("for").GetString(), limit.GetProperty("amount").GetString()));
        var route = Mine(catalog, "routes").Single();
        Assert.Equal(("deprecated", "/v2/x"), (route.GetProperty("stage").GetString(), route.GetProperty("deprecation").GetProperty("successor").GetString()));
    }

    [Fact]
    public async Task A_prompt_whose_model_is_for_subscribers_is_for_them_alone()
    {
        using var client = _gateway.Client(_key);

        using var open = await client.PostAsync($"/v1/prompts/{_name}-open", Gateway.Json("{}"));
        using var closed = await client.PostAsync($"/v1/prompts/{_name}-closed", Gateway.Json("{}"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (open.StatusCode, closed.StatusCode));
    }

    [Fact]
    public async Task The_page_shows_the_same_to_a_browser_that_was_asked_for_the_key_and_loads_nothing()
    {
        using var nobody = new HttpClient { BaseAddress = _gateway.Edge };
        using var asked = await nobody.GetAsync("/portal");
        Assert.Equal(HttpStatusCode.Unauthorized, asked.StatusCode);
        Assert.Equal("Basic", Assert.Single(asked.Headers.WwwAuthenticate).Scheme);

        using var browser = new HttpClient { BaseAddress = _gateway.Edge };
        browser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{_key}")));
        using var answer = await browser.GetAsync("/portal");
        var html = await answer.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains($"<th scope=\"row\">{_name}-open</th>", html, StringComparison.Ordinal);
        Assert.DoesNotContain($"<th scope=\"row\">{_name}-closed</th>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain(_key, html, StringComparison.Ordinal);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        var style = Regex.Match(html, "<style>(?<style>.*?)</style>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["style"].Value;
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style))), policy, StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task A_catalogue_wants_a_key()
    {
        using var nobody = new HttpClient { BaseAddress = _gateway.Edge };
        using var answer = await nobody.GetAsync("/v1/catalog");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    public async ValueTask InitializeAsync()
    {
        _upstream = await OwnModel.StartAsync();
        _key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle($"{_name}-open", _upstream), OwnModel.Bundle($"{_name}-closed", _upstream), Prompt("open"), Prompt("closed"), $$"""
            kind: Upstream
            name: {{_name}}
            addresses: ["{{_upstream.Address}}"]
            ---
            kind: Route
            name: {{_name}}-key
            match: { path: "/{{_name}}/key", methods: [GET] }
            access: key
            split: [{ upstream: {{_name}} }]
            stage: deprecated
            deprecation: { since: 2026-01-01, successor: /v2/x }
            ---
            kind: Route
            name: {{_name}}-public
            match: { path: "/{{_name}}/public" }
            split: [{ upstream: {{_name}} }]
            ---
            kind: Product
            name: {{_name}}-premium
            models: [{{_name}}-closed]
            access: subscription
            ---
            kind: Limit
            name: {{_name}}-quota
            subject: tenant/*
            for: { product: {{_name}}-premium }
            concurrent: 5
            """);
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private string Prompt(string model) => $$"""
        kind: Prompt
        name: {{_name}}-{{model}}
        version: 1
        model: {{_name}}-{{model}}
        messages: [{ role: user, content: Hello }]
        """;

    private async Task<JsonElement> CatalogAsync()
    {
        using var client = _gateway.Client(_key);
        return JsonDocument.Parse(await client.GetStringAsync("/v1/catalog")).RootElement;
    }

    // Others of the shared gateway have theirs.
    private IEnumerable<JsonElement> Mine(JsonElement catalog, string list) =>
        catalog.GetProperty(list).EnumerateArray().Where(i => i.GetProperty("name").GetString()!.StartsWith(_name, StringComparison.Ordinal));

    private IEnumerable<string> Names(JsonElement catalog, string list) => Mine(catalog, list).Select(i => i.GetProperty("name").GetString()!);

    private (string? Access, string? State) Premium(JsonElement catalog)
    {
        var product = Mine(catalog, "products").Single();
        return (product.GetProperty("access").GetString(), product.GetProperty("subscription").GetString());
    }
}
