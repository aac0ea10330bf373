using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Callers and providers of Anthropic's dialect over HTTP: untouched to each other, translated to the others, and metered exactly.</summary>
public sealed class DialectTests(SharedGateway shared)
{
    private const string Message = """{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"unknown":[1],"usage":{"input_tokens":7,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"output_tokens":5}}""";
    private const string Begin = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"usage\":{\"input_tokens\":7,\"cache_read_input_tokens\":3,\"output_tokens\":1}}}\n\n"
        + "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";

    private const string Piece = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"word \"}}\n\n";
    private const string End = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\n"
        + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"d{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task One_dialect_on_both_sides_passes_bytes_and_counts_what_was_cached()
    {
        await using var provider = await Upstream.StartAsync((http, _) => WriteAsync(http, Message, "application/json"));
        using var client = await ClientAsync(provider, "anthropic");
        using var answer = await client.PostAsync("/v1/messages", Gateway.Json($$"""{"model": "{{_name}}", "max_tokens": 9,  "odd":{}, "messages":[{"role":"user","content":"Hello"}]}"""));

        Assert.Equal(Message, await answer.Content.ReadAsStringAsync());
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal("/v1/messages", sent.Target);
        Assert.Equal("""{"model": "any", "max_tokens": 9,  "odd":{}, "messages":[{"role":"user","content":"Hello"}]}""", System.Text.Encoding.UTF8.GetString(sent.Body));
        Assert.Equal("2023-06-01", sent.Headers["anthropic-version"]);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((12, 3, 5), (usage.InputTokens, usage.CachedTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task A_stream_passes_as_it_is_and_tells_its_usage_in_two_events()
    {
        await using var provider = await Upstream.StartAsync((http, _) => WriteAsync(http, Begin + Piece + End, "text/event-stream"));
        using var client = await ClientAsync(provider, "anthropic");
        using var answer = await client.PostAsync("/v1/messages", Request(stream: true));

        Assert.Equal(Begin + Piece + End, await answer.Content.ReadAsStringAsync());
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((10, 3, 5), (usage.InputTokens, usage.CachedTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task A_caller_of_the_other_dialect_is_told_and_charged_the_same()
    {
        await using var provider = await Upstream.StartAsync((http, _) => WriteAsync(http, Message, "application/json"));
        using var client = await ClientAsync(provider, "anthropic");
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","seed":1,"messages":[{"role":"user","content":"Hello"}]}"""));
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal("Hi", body.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(12, body.RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal("seed: Anthropic's dialect has no such field", Assert.Single(answer.Headers.GetValues("sluice-warnings")));
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((12, 3, 5), (usage.InputTokens, usage.CachedTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task A_provider_that_breaks_off_gives_the_error_event_of_the_callers_dialect()
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            await WriteAsync(http, """data: {"id":"c","model":"g","choices":[{"index":0,"delta":{"content":"word "}}]}""" + "\n\n", "text/event-stream");
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await passed.Task.WaitAsync(http.RequestAborted);
            http.Abort();
        });
        using var client = await ClientAsync(provider, "openai");
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = Request(stream: true) }, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());

        Assert.Equal("event: message_start", await reader.ReadLineAsync());
        passed.SetResult();
        var rest = await reader.ReadToEndAsync();
        Assert.Contains("\"text_delta\",\"text\":\"word \"", rest, StringComparison.Ordinal);
        Assert.Contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("message_stop", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_leaves_a_translated_stream_ends_it_at_the_provider()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            await WriteAsync(http, Begin + Piece, "text/event-stream");
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await left.Task;
        });
        using var client = await ClientAsync(provider, "anthropic");
        using (var answer = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Request(stream: true) }, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            Assert.StartsWith("data: ", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task A_budget_lowers_the_cap_that_the_provider_is_sent_and_limits_are_told_by_the_names_of_the_dialect()
    {
        await using var provider = await Upstream.StartAsync((http, _) => WriteAsync(http, Message, "application/json"));
        var limit = $$"""
            kind: Limit
            name: {{_name}}
            subject: tenant/{{_name}}
            requests: { per: minute, amount: 60 }
            """;
        using var client = await ClientAsync(provider, "anthropic", OwnModel.Budget(_name, 3000), limit);
        using var answer = await client.PostAsync("/v1/messages", Gateway.Json($$"""{"model":"{{_name}}","max_tokens":9000,"messages":[{"role":"user","content":"Hello"}]}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.InRange(JsonDocument.Parse(sent.Body).RootElement.GetProperty("max_tokens").GetInt32(), 1, 3000);
        Assert.Equal("60", Assert.Single(answer.Headers.GetValues("anthropic-ratelimit-requests-limit")));
        Assert.False(answer.Headers.Contains("x-ratelimit-limit-requests"));
    }

    [Fact]
    public async Task Refusals_have_the_form_of_the_callers_dialect()
    {
        await using var provider = await Upstream.StartAsync("");
        using var client = await ClientAsync(provider, "openai");
        using var answer = await client.PostAsync("/v1/messages", Gateway.Json($$"""{"model":"{{_name}}","max_tokens":9,"messages":[{"role":"user","content":"Hello"}],"container":"c"}"""));
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("invalid_request_error", body.RootElement.GetProperty("error").GetProperty("type").GetString());
        Assert.StartsWith("'container': ", body.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    private async Task<HttpClient> ClientAsync(Upstream provider, string dialect, params string[] more)
    {
        var key = await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: dialect), .. more]);
        var client = _gateway.Client(key);
        client.DefaultRequestHeaders.Authorization = null;
        client.DefaultRequestHeaders.Add("x-api-key", key);
        return client;
    }

    private StringContent Request(bool stream) => Gateway.Json(
        $$"""{"model":"{{_name}}","max_tokens":50,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}""");

    private static Task WriteAsync(HttpContext http, string body, string type)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(body, http.RequestAborted);
    }
}
