using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>What a clean end and a new start keep.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_restart_keeps_revisions_keys_and_usage_and_prints_no_key_again()
    {
        await using var upstream = await Upstream.StartAsync("kept");
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.ApplyAsync($$"""
            kind: Upstream
            name: kept
            addresses: ["{{upstream.Address}}"]
            ---
            kind: Route
            name: kept
            match: { path: /kept }
            split: [{ upstream: kept }]
            """);
        var (_, key) = await gateway.Admin.CreateTenantAsync("acme");
        using (var client = gateway.Client(key))
        {
            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox?tokens=7","messages":[{"role":"user","content":"Hello"}]}"""));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var history = await gateway.Admin.GetAsync("revisions");
        Assert.Equal(0, await gateway.Sluice.StopAsync());
        await gateway.StartAgainAsync();

        Assert.Null(gateway.Sluice.Line.AdminKey);
        Assert.Null(gateway.Sluice.Line.TenantKey);
        Assert.Equal(history.ToString(), (await gateway.Admin.GetAsync("revisions")).ToString());
        Assert.Equal(7, (await gateway.Admin.UsageAsync("acme", 1)).OutputTokens);
        using var again = gateway.Client(key);
        Assert.Equal("kept", await again.GetStringAsync("/kept"));
        using var chat = await again.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
    }

    [Fact]
    public async Task An_end_by_SIGTERM_lets_a_stream_come_to_its_end()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Gateway.Json("""{"model":"sandbox?tokens=40&delay=25ms","stream":true,"messages":[{"role":"user","content":"Hello"}]}"""),
        };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.StartsWith("data: {", await reader.ReadLineAsync(), StringComparison.Ordinal);

        var end = gateway.Sluice.StopAsync();
        var rest = await reader.ReadToEndAsync();

        Assert.EndsWith("data: [DONE]", rest.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, await end);
    }
}
