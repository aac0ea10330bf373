using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>Calls from the client's request to the call log, its search, its timeline and the command line.</summary>
public sealed class CallLogTests(ClassGateway own) : IClassFixture<ClassGateway>
{
    private readonly Gateway _gateway = own.Gateway;
    private readonly string _tenant = $"l{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Calls_of_models_are_found_by_what_they_are_page_by_page_and_as_lines_and_a_table()
    {
        var (id, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        var requests = new List<string>();
        foreach (var team in new[] { "search", "search", "mail" })
        {
            requests.Add(await AskAsync(client, "sandbox", $"team={team}"));
        }

        requests.Add(await AskAsync(client, "no-such-model", null));
        await LoggedAsync(4);

        var first = await ListAsync("limit=3");
        var second = await ListAsync($"limit=3&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal(Enumerable.Reverse(requests), Requests(first).Concat(Requests(second)));
        Assert.False(second.TryGetProperty("next", out _));
        Assert.Equal([requests[2]], Requests(await ListAsync("tag=team=mail")));
        Assert.Equal([requests[3]], Requests(await ListAsync("status=4xx")));
        Assert.Equal(3, Requests(await ListAsync($"key={id}&model=sandbox&status=200&provider=sandbox&maxLatency=1m")).Count());
        Assert.Empty(Requests(await ListAsync("minLatency=1h")));
        Assert.Empty(Requests(await ListAsync("minCost=1000")));
        Assert.Empty(Requests(await ListAsync("minAttempts=2")));
        Assert.Empty(Requests(await ListAsync("route=sandbox")));
        Assert.Empty(Requests(await ListAsync("from=2026-01-01&to=2026-01-02")));

        var call = Requests(await ListAsync("tag=team=mail"), item => item).Single();
        Assert.Equal((_tenant, id, "sandbox", "reported", 1), (Text(call, "tenant"), Text(call, "key"), Text(call, "asked"), Text(call, "source"), call.GetProperty("attempts").GetInt32()));
        Assert.Equal(("POST", "/v1/chat/completions"), (Text(call, "method"), Text(call, "path")));
        Assert.True(call.GetProperty("tokens").GetProperty("output").GetInt64() > 0);

        var shell = new Shell(_gateway);
        Assert.Equal(Enumerable.Reverse(requests), (await shell.DoneAsync("calls", "--tenant", _tenant, "--csv")).Split("\r\n")[1..5].Select(line => line.Split(',')[0]));
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "calls.ndjson");
        Assert.Contains("3 calls are in", await shell.DoneAsync("calls", "--tenant", _tenant, "--model", "sandbox", "--export", file), StringComparison.Ordinal);
        Assert.Equal(requests[..3], (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Select(line => Text(JsonDocument.Parse(line).RootElement, "request")).Reverse());
    }

    [Fact]
    public async Task One_call_opens_as_a_timeline_with_each_attempt()
    {
        await using var failing = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var provider = await OwnModel.StartAsync();
        await _gateway.ApplyAsync($$"""
            kind: Provider
            name: {{_tenant}}-a
            dialect: openai
            address: {{failing.Address}}/v1
            ---
            kind: Provider
            name: {{_tenant}}-b
            dialect: openai
            address: {{provider.Address}}/v1
            ---
            kind: Model
            name: {{_tenant}}
            targets: [{ provider: {{_tenant}}-a, model: m, priority: 1 }, { provider: {{_tenant}}-b, model: m, priority: 2 }]
            strategy: priority
            """);
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        var request = await AskAsync(client, _tenant, null);
        await LoggedAsync(1);

        // The ledger's records come by a way of their own.
        JsonElement answer = default;
        await Eventually.TrueAsync(async () => (answer = await _gateway.Admin.GetAsync($"calls/{request}")).GetProperty("attempts").GetArrayLength() == 2, "the records of its attempts");

        var steps = answer.GetProperty("timeline").EnumerateArray().ToList();
        Assert.Equal(
            ["arrived", "matched", "attempt", "admitted", "settled", "attempt", "admitted", "first-token", "settled", "answered"],
            steps.Where(step => Text(step, "step") is not "first-token" || step.GetProperty("attempt").GetInt32() == 2).Select(step => Text(step, "step")));
        var times = steps.Select(step => step.GetProperty("atMs").GetDouble()).ToList();
        Assert.Equal(times.Order(), times);
        Assert.Equal([503, 200], steps.Where(step => Text(step, "step") is "settled").Select(step => step.GetProperty("status").GetInt32()));
        Assert.Equal($"{_tenant}-b", Text(answer.GetProperty("call"), "provider"));
        Assert.Equal([request], Requests(await ListAsync("minAttempts=2")));
        Assert.Contains("first-token", await new Shell(_gateway).DoneAsync("calls", request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_plain_routes_and_those_that_came_to_none_are_there()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) => http.Response.WriteAsync("ok"));
        await _gateway.ApplyAsync($$"""
            kind: Upstream
            name: {{_tenant}}
            addresses: [{{upstream.Address}}]
            ---
            kind: Route
            name: {{_tenant}}
            match: { path: "/{{_tenant}}/{**rest}" }
            split: [{ upstream: {{_tenant}} }]
            """);
        using var client = _gateway.Client();
        using var served = await client.GetAsync($"/{_tenant}/a?secret=canary");
        using var lost = await client.GetAsync($"/no-{_tenant}");

        var call = await Eventually.GetAsync(
            async () => Requests(await _gateway.Admin.GetAsync($"calls?route={_tenant}"), item => item).Cast<JsonElement?>().SingleOrDefault() is { } one ? new { One = one } : null, "the call");

        Assert.Equal(("_public", $"route/{_tenant}", _tenant, $"/{_tenant}/a", 200), (Text(call.One, "tenant"), Text(call.One, "asked"), Text(call.One, "part"), Text(call.One, "path"), call.One.GetProperty("status").GetInt32()));
        Assert.DoesNotContain("canary", call.One.GetRawText(), StringComparison.Ordinal);
        var answer = await _gateway.Admin.GetAsync($"calls/{served.Headers.GetValues("sluice-request-id").Single()}");
        Assert.Equal(["arrived", "answered"], answer.GetProperty("timeline").EnumerateArray().Select(step => Text(step, "step")));
        Assert.Equal(HttpStatusCode.NotFound, lost.StatusCode);
        await Eventually.TrueAsync(async () => Requests(await _gateway.Admin.GetAsync("calls?status=404"), item => item).Any(item => string.Equals(Text(item, "path"), $"/no-{_tenant}", StringComparison.Ordinal)), "the call that came to no route");
    }

    [Fact]
    public async Task Why_a_call_was_refused_is_there_searchable_and_in_its_timeline()
    {
        await _gateway.ApplyAsync($$"""
            kind: Limit
            name: {{_tenant}}
            subject: tenant/{{_tenant}}
            requests: { per: hour, amount: 1, burst: 1 }
            ---
            kind: Upstream
            name: {{_tenant}}
            addresses: [http://127.0.0.1:9]
            ---
            kind: Route
            name: {{_tenant}}
            match: { path: "/{{_tenant}}" }
            split: [{ upstream: {{_tenant}} }]
            validate: { query: { page: { required: true } } }
            ---
            kind: Model
            name: {{_tenant}}
            targets: [{ provider: sandbox, model: m }]
            """);
        await _gateway.Admin.PostAsync("tenants", new { name = _tenant });
        var made = await _gateway.Admin.PostAsync($"tenants/{_tenant}/keys", new { name = "test", models = new[] { "sandbox" } });
        var (id, key) = (Text(made, "id"), Text(made, "key")!);
        using var client = _gateway.Client(key);
        await AskAsync(client, "sandbox", null);
        var limited = await AskAsync(client, "sandbox", null);
        var unlisted = await AskAsync(client, _tenant, null);
        using var invalid = await client.GetAsync($"/{_tenant}");
        await LoggedAsync(3);

        Assert.Equal([limited], Requests(await ListAsync("refusedBy=rate_limit_exceeded")));
        Assert.Equal([limited], Requests(await ListAsync($"refusedBy=Limit/{_tenant}")));
        Assert.Equal([unlisted], Requests(await ListAsync($"refusedBy=Key/{id}")));
        var step = (await _gateway.Admin.GetAsync($"calls/{limited}")).GetProperty("timeline").EnumerateArray().Single(step => Text(step, "step") is "refused");
        Assert.Equal((429, "rate_limit_exceeded", $"Limit/{_tenant}"), (step.GetProperty("status").GetInt32(), Text(step, "error"), Text(step, "by")));
        var shell = new Shell(_gateway);
        Assert.Contains($"Limit/{_tenant}", await shell.DoneAsync("calls", limited), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => (await shell.DoneAsync("calls", "--refused-by", $"Route/{_tenant}", "--csv")).Contains("invalid_request", StringComparison.Ordinal), "the call that was not valid");
    }

    [Theory]
    [InlineData("limit=0", "query: limit")]
    [InlineData("cursor=x", "query: cursor")]
    [InlineData("from=2026-02-01&to=2026-01-01", "query: from")]
    [InlineData("status=9xx", "query: status")]
    [InlineData("minLatency=soon", "query: minLatency")]
    [InlineData("minCost=much", "query: minCost")]
    [InlineData("model=a&route=b", "query: route")]
    public async Task What_is_asked_wrongly_is_said(string query, string field)
    {
        var (status, body) = await _gateway.Admin.SendAsync(HttpMethod.Get, $"calls?{query}", null);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, Text(Assert.Single(body.GetProperty("errors").EnumerateArray()), "path"));
    }

    private static async Task<string> AskAsync(HttpClient client, string model, string? tags)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Gateway.Json($$"""{"model":"{{model}}","max_tokens":5,"messages":[{"role":"user","content":"Hello"}]}"""),
        };
        if (tags is not null)
        {
            request.Headers.Add("sluice-tags", tags);
        }

        using var answer = await client.SendAsync(request);
        return answer.Headers.GetValues("sluice-request-id").Single();
    }

    private static IEnumerable<string?> Requests(JsonElement page) => Requests(page, item => Text(item, "request"));

    private static IEnumerable<T> Requests<T>(JsonElement page, Func<JsonElement, T> read) => page.GetProperty("items").EnumerateArray().Select(read);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private Task LoggedAsync(int calls) => Eventually.TrueAsync(async () => Requests(await ListAsync("limit=100")).Count() == calls, "the calls");

    private Task<JsonElement> ListAsync(string query) => _gateway.Admin.GetAsync($"calls?{query}&tenant={_tenant}");
}
