using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>Bodies of calls: kept where that is declared, redacted, sealed, shown to whom may read them, written down, let go.</summary>
public sealed class CallBodyTests(ClassGateway own) : IClassFixture<ClassGateway>
{
    private readonly Gateway _gateway = own.Gateway;
    private readonly string _tenant = $"b{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Bodies_are_kept_by_opt_in_shown_to_readers_alone_written_down_and_erased()
    {
        await _gateway.ApplyAsync($$"""
            kind: Model
            name: {{_tenant}}
            targets: [{ provider: sandbox, model: m }]
            logBodies: { tenants: [{{_tenant}}], headers: [x-team], redact: { fields: [metadata] } }
            """);
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        var whole = await AskAsync(client, _tenant, stream: false);
        var streamed = await AskAsync(client, _tenant, stream: true);
        await AskAsync(client, "sandbox", stream: false);
        await Eventually.TrueAsync(async () => (await _gateway.Admin.GetAsync($"calls/bodies?tenant={_tenant}")).GetProperty("calls").GetInt32() == 2, "the bodies of two calls");

        // No role shows them: it is a right of its own.
        Assert.Equal(HttpStatusCode.Forbidden, (await _gateway.Admin.SendAsync(HttpMethod.Get, $"calls/{whole}/bodies?tenant={_tenant}", null)).Status);
        var reader = (await _gateway.Admin.PostAsync("admin-keys", new { name = "reader", role = "viewer", readsBodies = true })).GetProperty("key").GetString()!;
        var said = await ReadAsync(reader, whole);
        var (sent, answer) = (Text(said, "requestBody"), Text(said, "answerBody"));
        Assert.Contains("Hello from [email]", sent, StringComparison.Ordinal);
        Assert.Contains("\"metadata\":\"[redacted]\"", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", said.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("\"choices\"", answer, StringComparison.Ordinal);
        Assert.Equal("x-team: search", Assert.Single(said.GetProperty("requestHeaders").EnumerateArray()).GetString());
        Assert.Contains("choices[0].delta.content", Text(await ReadAsync(reader, streamed), "answerBody"), StringComparison.Ordinal);

        // At rest nothing of it is in clear; who read it is told.
        Assert.All(Directory.EnumerateFiles(Path.Combine(_gateway.Data, "calls", "_bodies"), "*", SearchOption.AllDirectories), file => Assert.DoesNotContain("Hello", Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
        var shell = new Shell(_gateway);
        var status = await shell.DoneAsync("call-bodies", "status", "--tenant", _tenant);
        Assert.Contains("reader", status, StringComparison.Ordinal);
        Assert.Contains(whole, status, StringComparison.Ordinal);

        await ExportAsync(shell, reader, whole);
        await HoldAsync(shell, reader, whole);

        Assert.Contains("1 calls", await shell.DoneAsync("call-bodies", "erase", "--tenant", _tenant, "--call", whole), StringComparison.Ordinal);
        await ReadAsync(reader, whole, HttpStatusCode.NotFound);
        await ReadAsync(reader, streamed);
        Assert.Contains("1 calls", await shell.DoneAsync("call-bodies", "erase", "--tenant", _tenant), StringComparison.Ordinal);
        await ReadAsync(reader, streamed, HttpStatusCode.NotFound);
        Assert.False(Directory.Exists(Path.Combine(_gateway.Data, "calls", "_bodies", "default", _tenant)) && Directory.EnumerateFiles(Path.Combine(_gateway.Data, "calls", "_bodies", "default", _tenant)).Any());
    }

    // Who may read one may take many, and that is written down as well.
    private async Task ExportAsync(Shell shell, string reader, string request)
    {
        await Eventually.TrueAsync(async () => (await _gateway.Admin.GetAsync($"calls?tenant={_tenant}")).GetProperty("items").GetArrayLength() == 3, "the log has the calls");
        Assert.Equal(HttpStatusCode.Forbidden, (await _gateway.Admin.SendAsync(HttpMethod.Get, $"calls/export?tenant={_tenant}&bodies=true", null)).Status);
        using var admin = new AdminApi(_gateway.Sluice.Admin, reader);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.SendAsync(HttpMethod.Get, "calls/export?bodies=true", null)).Status);

        var lines = (await shell.DoneAsync("calls", "--tenant", _tenant, "--export", "-", "--bodies", "--admin-key", reader)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal(3, lines.Count);
        Assert.Contains("Hello from [email]", Text(lines.Single(l => string.Equals(l.GetProperty("request").GetString(), request, StringComparison.Ordinal)).GetProperty("bodies"), "requestBody"), StringComparison.Ordinal);
        Assert.False(lines.Single(l => l.GetProperty("asked").GetString() is "sandbox").TryGetProperty("bodies", out _));
        Assert.DoesNotContain("\"bodies\"", await shell.DoneAsync("calls", "--tenant", _tenant, "--export", "-"), StringComparison.Ordinal);

        await using var collector = await Upstream.StartAsync("{}");
        await shell.DoneAsync("calls", "--tenant", _tenant, "--otlp", collector.Address, "--bodies", "--admin-key", reader);
        Assert.Contains("sluice.request.body", Encoding.UTF8.GetString(Assert.Single(collector.Requests).Body), StringComparison.Ordinal);
        Assert.Equal(2, (await _gateway.Admin.GetAsync($"calls/bodies?tenant={_tenant}")).GetProperty("accesses").EnumerateArray().Count(a => a.GetProperty("act").GetString() is "exported"));
    }

    // What is held stays, whoever erases; who released it, and why, is told.
    private async Task HoldAsync(Shell shell, string reader, string request)
    {
        var hold = await shell.JsonAsync("call-bodies", "hold", "--tenant", _tenant, "--call", request, "--why", "matter 2026-17");
        var id = hold.GetProperty("id").GetString()!;
        Assert.Contains("Bodies of 0 calls are erased. Those of 1 more stay", await shell.DoneAsync("call-bodies", "erase", "--tenant", _tenant, "--call", request), StringComparison.Ordinal);
        Assert.Contains(request, await shell.DoneAsync("call-bodies", "held", id, "--tenant", _tenant), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await _gateway.Admin.SendAsync(HttpMethod.Get, $"calls/bodies/holds/{id}/export?tenant={_tenant}", null)).Status);
        var line = Assert.Single((await shell.DoneAsync("call-bodies", "export", id, "--tenant", _tenant, "--admin-key", reader)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Hello from [email]", Text(JsonSerializer.Deserialize<JsonElement>(line), "requestBody"), StringComparison.Ordinal);
        Assert.Contains("matter 2026-17", await shell.DoneAsync("call-bodies", "status", "--tenant", _tenant), StringComparison.Ordinal);
        var operatorKey = (await _gateway.Admin.PostAsync("admin-keys", new { name = "ops", role = "operator" })).GetProperty("key").GetString()!;
        Assert.Contains("admin", await shell.FailsAsync(1, "call-bodies", "release", id, "--tenant", _tenant, "--why", "done", "--admin-key", operatorKey), StringComparison.Ordinal);
        await shell.DoneAsync("call-bodies", "release", id, "--tenant", _tenant, "--why", "done");
        Assert.Contains("released: done", await shell.DoneAsync("call-bodies", "status", "--tenant", _tenant), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_plain_route_the_beginnings_are_kept_and_what_passes_is_whole()
    {
        await using var upstream = await Upstream.StartAsync(static (http, received) =>
        {
            http.Response.ContentType = "text/plain";
            return http.Response.WriteAsync($"you said {Encoding.UTF8.GetString(received.Body)}");
        });
        await _gateway.ApplyAsync($$"""
            kind: Upstream
            name: {{_tenant}}
            addresses: [{{upstream.Address}}]
            ---
            kind: Route
            name: {{_tenant}}
            match: { path: "/{{_tenant}}" }
            split: [{ upstream: {{_tenant}} }]
            logBodies: { maxSize: 32B }
            """);
        var reader = (await _gateway.Admin.PostAsync("admin-keys", new { name = "reader", role = "viewer", readsBodies = true })).GetProperty("key").GetString()!;
        using var client = _gateway.Client();
        using var answer = await client.PostAsync($"/{_tenant}", new StringContent($"first words {new string('x', 100)}"));
        Assert.Equal($"you said first words {new string('x', 100)}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var request = answer.Headers.GetValues("sluice-request-id").Single();

        var said = await Eventually.GetAsync(async () => await FindAsync(reader, request, "_public") is { } found ? new { Found = found } : null, "the bodies");

        Assert.Equal(("first words ", "you said first words "), (Text(said.Found, "requestBody"), Text(said.Found, "answerBody")));
        Assert.Equal(112, said.Found.GetProperty("requestBody").GetProperty("size").GetInt32());
    }

    private static string? Text(JsonElement said, string body) => said.GetProperty(body).GetProperty("text").GetString();

    private static async Task<string> AskAsync(HttpClient client, string model, bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Gateway.Json($$$"""{"model":"{{{model}}}","max_tokens":5,"stream":{{{(stream ? "true" : "false")}}},"metadata":{"a":"canary"},"messages":[{"role":"user","content":"Hello from ada@example.com"}]}"""),
        };
        request.Headers.Add("x-team", "search");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return answer.Headers.GetValues("sluice-request-id").Single();
    }

    private async Task<JsonElement> ReadAsync(string reader, string request, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var admin = new AdminApi(_gateway.Sluice.Admin, reader);
        var (status, body) = await admin.SendAsync(HttpMethod.Get, $"calls/{request}/bodies?tenant={_tenant}", null);
        Assert.Equal(expected, status);
        return body;
    }

    private async Task<JsonElement?> FindAsync(string reader, string request, string tenant)
    {
        using var admin = new AdminApi(_gateway.Sluice.Admin, reader);
        var (status, body) = await admin.SendAsync(HttpMethod.Get, $"calls/{request}/bodies?tenant={tenant}", null);
        return status is HttpStatusCode.OK ? body : null;
    }
}
