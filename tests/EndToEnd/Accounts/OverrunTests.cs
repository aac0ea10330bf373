using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A provider that keeps on after its cap is cut where a hard budget binds, and only there.</summary>
public sealed class OverrunTests(SharedGateway shared)
{
    private const int Cap = 20;
    private const int Sent = 400;
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"o{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_beyond_its_reservation_ends_as_one_whose_cap_is_reached_and_what_was_seen_is_charged(bool asksForUsage)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync((http, _) => OverrunAsync(http, cancelled, ends: false));
        using var client = await ClientAsync(upstream, "hard");

        var events = await StreamAsync(client, asksForUsage);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("[DONE]", events[^1]);
        using var end = JsonDocument.Parse(events[asksForUsage ? ^3 : ^2]);
        Assert.Equal(("c-1", "length"), (end.RootElement.GetProperty("id").GetString(), end.RootElement.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        var words = events.Count - (asksForUsage ? 3 : 2);
        Assert.InRange(words, Cap, Sent / 4);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal(words, usage.OutputTokens);
        if (asksForUsage)
        {
            using var told = JsonDocument.Parse(events[^2]);
            Assert.Equal(
                (usage.InputTokens, usage.OutputTokens),
                (told.RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetInt64(), told.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt64()));
        }
    }

    [Fact]
    public async Task A_soft_budget_cuts_nothing()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) => OverrunAsync(http, new TaskCompletionSource(), ends: true));
        using var client = await ClientAsync(upstream, "soft");

        Assert.Equal(Sent, (await StreamAsync(client, asksForUsage: false)).Count - 1);
    }

    // Each event is one token of five bytes; after them it waits, unless it ends.
    private static async Task OverrunAsync(HttpContext http, TaskCompletionSource cancelled, bool ends)
    {
        http.Response.ContentType = "text/event-stream";
        try
        {
            for (var i = 0; i < Sent; i++)
            {
                await http.Response.WriteAsync("data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }

            if (ends)
            {
                await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
                return;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            cancelled.SetResult();
        }
    }

    private async Task<IReadOnlyList<string>> StreamAsync(HttpClient client, bool asksForUsage)
    {
        var options = asksForUsage ? ""","stream_options":{"include_usage":true}""" : "";
        using var answer = await client.PostAsync(
            "/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","max_tokens":{{Cap}},"stream":true{{options}},"messages":[{"role":"user","content":"Hello"}]}"""));
        var stream = await answer.Content.ReadAsStringAsync();
        return [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static sse => sse["data: ".Length..])];
    }

    private async Task<HttpClient> ClientAsync(Upstream upstream, string mode) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), $"{OwnModel.Budget(_name, 100_000)}\nmode: {mode}"));
}
