using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Stages of routes and models, as clients meet them.</summary>
public sealed class LifecycleTests(SharedGateway shared)
{
    private const string Deprecation = "deprecation: { since: 2026-01-01, sunset: 2026-06-30, link: \"https://example.com/changes\"";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"l{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_draft_is_served_to_those_who_preview_it_and_the_published_route_to_all_others()
    {
        await using var now = await Upstream.StartAsync("now");
        await using var next = await Upstream.StartAsync("next");
        var key = await OwnModel.ApplyAsync(
            _gateway, _name, UpstreamOf("now", now), UpstreamOf("next", next), Route("now", "access: public"), Route("next", $"access: key\nstage: draft\npreview: [{_name}]"));
        using var previews = _gateway.Client(key);
        using var other = _gateway.Client((await _gateway.Admin.CreateTenantAsync($"{_name}-b")).Key);
        using var nobody = new HttpClient { BaseAddress = _gateway.Edge };

        Assert.Equal(["next", "now", "now"], [await previews.GetStringAsync($"/{_name}"), await other.GetStringAsync($"/{_name}"), await nobody.GetStringAsync($"/{_name}")]);

        // What the others do goes on when the draft takes the published one's place.
        await _gateway.ApplyAsync($"{Route("next", "access: key")}\n---\n{Route("now", "access: public\nstage: draft")}");
        Assert.Equal("next", await other.GetStringAsync($"/{_name}"));
    }

    [Fact]
    public async Task A_draft_that_nobody_previews_is_not_there_and_is_explained()
    {
        await using var next = await Upstream.StartAsync("next");
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, UpstreamOf("next", next), Route("next", "access: key\nstage: draft")));

        using var answer = await client.GetAsync($"/{_name}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var says = (await _gateway.Admin.PostAsync("explain", new { method = "GET", path = $"/{_name}", tenant = _name })).GetProperty("says").GetString();
        Assert.Contains($"'{_name}-next', which is a draft", says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deprecated_route_answers_and_says_until_when_whatever_its_upstream_says_of_itself()
    {
        await using var old = await Upstream.StartAsync((http, _) =>
        {
            http.Response.Headers["Deprecation"] = "@1";
            http.Response.Headers["Link"] = "</next>; rel=\"next\"";
            return http.Response.WriteAsync("old", http.RequestAborted);
        });
        await _gateway.ApplyAsync($"{UpstreamOf("old", old)}\n---\n{Route("old", $"stage: deprecated\n{Deprecation}, successor: /v2 }}")}");
        using var client = _gateway.Client();

        using var answer = await client.GetAsync($"/{_name}");

        Assert.Equal("old", await answer.Content.ReadAsStringAsync());
        Assert.Equal("@1767225600", Header(answer, "Deprecation"));
        Assert.Equal("Tue, 30 Jun 2026 00:00:00 GMT", Header(answer, "Sunset"));
        Assert.Equal("</next>; rel=\"next\", <https://example.com/changes>; rel=\"deprecation\", </v2>; rel=\"successor-version\"", Header(answer, "Link"));
    }

    [Fact]
    public async Task A_retired_route_is_gone_and_names_its_successor()
    {
        await using var old = await Upstream.StartAsync("old");
        await _gateway.ApplyAsync($"{UpstreamOf("old", old)}\n---\n{Route("old", $"stage: retired\n{Deprecation}, successor: /v2 }}")}");
        using var client = _gateway.Client();

        using var answer = await client.GetAsync($"/{_name}");

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        Assert.Equal("urn:sluice:problem:route-retired", problem.GetProperty("type").GetString());
        Assert.Equal("What this path led to was retired on 2026-06-30; use /v2 instead.", problem.GetProperty("detail").GetString());
        Assert.Contains("</v2>; rel=\"successor-version\"", Header(answer, "Link"), StringComparison.Ordinal);
        Assert.Empty(old.Requests);
    }

    [Fact]
    public async Task Models_have_the_same_stages()
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(
            _gateway,
            _name,
            OwnModel.Bundle($"{_name}-old", provider) + $"\nstage: retired\n{Deprecation}, successor: {_name}-new }}",
            OwnModel.Bundle($"{_name}-late", provider) + $"\nstage: deprecated\n{Deprecation} }}",
            OwnModel.Bundle($"{_name}-next", provider) + $"\nstage: draft\npreview: [{_name}]",
            OwnModel.Bundle($"{_name}-hidden", provider) + "\nstage: draft",
            OwnModel.Bundle($"{_name}-new", provider)));

        var (gone, body) = await OwnModel.AskAsync(client, $"{_name}-old");
        Assert.Equal(HttpStatusCode.Gone, gone);
        Assert.Contains($"use '{_name}-new' instead", body, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), ((await OwnModel.AskAsync(client, $"{_name}-next")).Status, (await OwnModel.AskAsync(client, $"{_name}-hidden")).Status));
        using var late = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}-late","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(("@1767225600", "Tue, 30 Jun 2026 00:00:00 GMT"), (Header(late, "Deprecation"), Header(late, "Sunset")));
        var listed = JsonDocument.Parse(await client.GetStringAsync("/v1/models")).RootElement.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()!);
        Assert.Equal([$"{_name}-late", $"{_name}-new", $"{_name}-next"], listed.Where(m => m.StartsWith(_name, StringComparison.Ordinal)));
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    private string UpstreamOf(string name, Upstream upstream) => $$"""
        kind: Upstream
        name: {{_name}}-{{name}}
        addresses: ["{{upstream.Address}}"]
        """;

    private string Route(string name, string more) => $$"""
        kind: Route
        name: {{_name}}-{{name}}
        match: { path: /{{_name}} }
        split: [{ upstream: {{_name}}-{{name}} }]
        {{more}}
        """;
}
