using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Speech passes through as it is spoken, and is charged by its length where its usage is not told.</summary>
public sealed class SpeechTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"p{Guid.NewGuid():n}"[..12];

    private PassedModel Own => new(_gateway, _name);

    [Fact]
    public async Task Speech_goes_out_while_it_comes_and_its_length_bounds_what_is_charged()
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.Response.ContentType = "audio/mpeg";
            await http.Response.Body.WriteAsync(new byte[] { 0xff, 0xfb, 0, 1 }, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await heard.Task.WaitAsync(http.RequestAborted);
            await http.Response.Body.WriteAsync(new byte[1496], http.RequestAborted);
        });
        using var client = await Own.ClientAsync(upstream, "tts-1");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/speech")
        {
            Content = Gateway.Json($$"""{"model":"{{_name}}","input":"Hello there, how are you?","voice":"alloy"}"""),
        };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var sound = await answer.Content.ReadAsStreamAsync();
        var first = new byte[4];
        await sound.ReadExactlyAsync(first);
        heard.SetResult();
        using var rest = new MemoryStream();
        await sound.CopyToAsync(rest);

        Assert.Equal(("audio/mpeg", 1496), (answer.Content.Headers.ContentType?.MediaType, (int)rest.Length));
        Assert.Equal([0xff, 0xfb, 0, 1], first);
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("estimated", 101), (source, usage.OutputTokens));
    }

    [Fact]
    public async Task Speech_as_events_goes_out_as_it_comes_and_its_usage_is_read()
    {
        const string Events = "data: {\"type\":\"speech.audio.delta\",\"audio\":\"AAAA\"}\n\ndata: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":5,\"output_tokens\":40,\"total_tokens\":45}}\n\n";
        await using var upstream = await PassedModel.AnswerAsync(Events, "text/event-stream");
        using var client = await Own.ClientAsync(upstream, "gpt-4o-mini-tts");

        using var answer = await client.PostAsync("/v1/audio/speech", Gateway.Json($$"""{"model":"{{_name}}","input":"Hello","voice":"alloy","stream_format":"sse"}"""));

        Assert.Equal(Events, await answer.Content.ReadAsStringAsync());
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("reported", 5, 40), (source, usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task A_repeat_with_an_idempotency_key_is_spoken_and_charged_once()
    {
        await using var upstream = await Upstream.StartAsync(static async (http, _) =>
        {
            http.Response.ContentType = "audio/mpeg";
            await http.Response.Body.WriteAsync(new byte[] { 0xff, 0xfb, 0, 1 }, http.RequestAborted);
        });
        using var client = await Own.ClientAsync(upstream, "tts-1");
        client.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        for (var i = 0; i < 2; i++)
        {
            using var answer = await client.PostAsync("/v1/audio/speech", Gateway.Json($$"""{"model":"{{_name}}","input":"Hello","voice":"alloy"}"""));
            Assert.Equal([0xff, 0xfb, 0, 1], await answer.Content.ReadAsByteArrayAsync());
        }

        Assert.Single(upstream.Requests);
        Assert.Equal(1, (await Own.UsedAsync()).Usage.Requests);
    }

    [Fact]
    public async Task Speech_whose_provider_breaks_off_is_charged_by_all_that_was_reserved()
    {
        // Broken off once its begin has passed: a reset that overtakes it on the way would take it along.
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.Response.ContentType = "audio/mpeg";
            await http.Response.Body.WriteAsync(new byte[100], http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await passed.Task.WaitAsync(http.RequestAborted);
            http.Abort();
        });
        using var client = await Own.ClientAsync(upstream, "tts-1");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/speech") { Content = Gateway.Json($$"""{"model":"{{_name}}","input":"Hello"}""") };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var sound = await answer.Content.ReadAsStreamAsync();
        await sound.ReadExactlyAsync(new byte[100]);
        passed.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => sound.CopyToAsync(Stream.Null));

        Assert.Equal("reserved", (await Own.UsedAsync()).Source);
    }
}
