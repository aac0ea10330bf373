using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>What a request is charged whose usage is not told in the usual way.</summary>
public sealed class SettlementTests(SharedGateway shared)
{
    private const string Chunk = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"s{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Usage_that_is_told_to_be_zero_is_charged_as_nothing()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(
                """{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}""", http.RequestAborted);
        });
        using var client = await ClientAsync(upstream);

        using var answer = await client.PostAsync("/v1/chat/completions", Request(stream: false));
        Assert.True(answer.IsSuccessStatusCode);

        Assert.Equal("reported", await SourceAsync());
        Assert.Equal(0, await SpentAsync());
    }

    [Fact]
    public async Task A_stream_that_its_provider_cuts_is_charged_by_what_passed()
    {
        // Cut once the first event has passed: a reset that overtakes it on the way would take it along.
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            await BeginAsync(http);
            await passed.Task.WaitAsync(http.RequestAborted);
            http.Abort();
        });
        using var client = await ClientAsync(upstream);

        using var answer = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Request(stream: true) }, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.StartsWith("data: {", await reader.ReadLineAsync(), StringComparison.Ordinal);
        passed.SetResult();
        await Record.ExceptionAsync(() => reader.ReadToEndAsync());

        Assert.Equal("estimated", await SourceAsync());
        Assert.InRange(await SpentAsync(), 1, 400);
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_usage_is_told_is_charged_by_what_passed()
    {
        await using var upstream = await Upstream.StartAsync(static async (http, _) =>
        {
            await BeginAsync(http);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        });
        using (var client = await ClientAsync(upstream))
        {
            using var answer = await client.SendAsync(
                new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Request(stream: true) }, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            Assert.StartsWith("data: {", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("estimated", await SourceAsync());
        Assert.InRange(await SpentAsync(), 1, 400);
    }

    private static async Task BeginAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(Chunk, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private StringContent Request(bool stream) => Gateway.Json(
        $$"""{"model":"{{_name}}","max_tokens":100,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}""");

    private async Task<HttpClient> ClientAsync(Upstream upstream) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Budget(_name, 100_000)));

    private async Task<string> SourceAsync()
    {
        await _gateway.Admin.UsageAsync(_name, 1);
        var usage = await _gateway.Admin.GetAsync($"tenants/{_name}/usage?by=source");
        return Assert.Single(usage.GetProperty("rows").EnumerateArray()).GetProperty("source").GetString()!;
    }

    // The budget's report leaves the edge in the same round as the usage, or in the next.
    private async Task<long> SpentAsync()
    {
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        var used = usage.InputTokens + usage.OutputTokens;
        await Eventually.TrueAsync(
            async () =>
            {
                var status = await _gateway.Admin.GetAsync($"budgets/{_name}/status");
                return used == status.GetProperty("posted").GetInt64() + status.GetProperty("leases").EnumerateArray().Sum(l => l.GetProperty("spent").GetInt64());
            },
            "the budget tells what the ledger tells");
        return used;
    }
}
