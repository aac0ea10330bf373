using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Callers and providers of Gemini's dialect over HTTP: untouched to each other, translated to the others, metered and bounded.</summary>
public sealed class GeminiTests(SharedGateway shared)
{
    private const string Usage = "\"usageMetadata\":{\"promptTokenCount\":12,\"cachedContentTokenCount\":3,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"totalTokenCount\":17}";
    private const string Answer = "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"odd\":[1]," + Usage + ",\"modelVersion\":\"gemini\",\"responseId\":\"r1\"}";
    private const string Stream = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":12,\"candidatesTokenCount\":1}}\n\ndata: " + Answer + "\n\n";

    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"g{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_dialect_on_both_sides_passes_bytes_and_counts_what_they_tell(bool stream)
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "gemini");
        const string Body = """{"contents": [{"parts":[{"text":"Hello"}]}],  "odd":{}}""";
        using var answer = await client.PostAsync(PathOf(stream), Gateway.Json(Body));

        Assert.Equal(stream ? Stream : Answer, await answer.Content.ReadAsStringAsync());
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal(stream ? "/v1/models/any:streamGenerateContent?alt=sse" : "/v1/models/any:generateContent", sent.Target);
        Assert.Equal(Body, Encoding.UTF8.GetString(sent.Body));
        await UsedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_of_chat_completions_is_told_and_charged_the_same(bool stream)
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "gemini");
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}"""));
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Contains("\"content\":\"Hi\"", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"stop\"", body, StringComparison.Ordinal);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal("Hello", JsonDocument.Parse(sent.Body).RootElement.GetProperty("contents")[0].GetProperty("parts")[0].GetProperty("text").GetString());
        await UsedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_provider_of_chat_completions_answers_in_the_callers_dialect(bool stream)
    {
        const string Told = """{"prompt_tokens":12,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}}""";
        await using var provider = await Upstream.StartAsync((http, request) => Streams(request) is var isStream && isStream
            ? WriteAsync(http, $$"""data: {"id":"c","model":"gpt","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}""" + "\n\n" + $$"""data: {"id":"c","model":"gpt","choices":[],"usage":{{Told}}}""" + "\n\ndata: [DONE]\n\n", "text/event-stream")
            : WriteAsync(http, $$"""{"id":"c","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{{Told}}}""", "application/json"));
        using var client = await ClientAsync(provider, "openai");
        using var answer = await client.PostAsync(PathOf(stream), Gateway.Json("""{"contents":[{"parts":[{"text":"Hello"}]}],"generationConfig":{"maxOutputTokens":50}}"""));
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Contains("{\"text\":\"Hi\"}", body, StringComparison.Ordinal);
        Assert.Contains("\"finishReason\":\"STOP\"", body, StringComparison.Ordinal);
        Assert.Contains("\"promptTokenCount\":12,\"candidatesTokenCount\":3,\"totalTokenCount\":17,\"cachedContentTokenCount\":3,\"thoughtsTokenCount\":2", body, StringComparison.Ordinal);
        await UsedAsync();
    }

    [Fact]
    public async Task Under_a_budget_the_answer_has_a_cap_that_is_lowered_and_what_cannot_be_bounded_is_refused()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "gemini", OwnModel.Budget(_name, 3000));
        using var answer = await client.PostAsync(PathOf(false), Gateway.Json("""{"contents":[{"parts":[{"text":"Hello"}]}],"generationConfig":{"topK":1}}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.InRange(JsonDocument.Parse(sent.Body).RootElement.GetProperty("generationConfig").GetProperty("maxOutputTokens").GetInt32(), 1, 3000);

        using var refused = await client.PostAsync(PathOf(false), Gateway.Json("""{"contents":[{"parts":[{"fileData":{"fileUri":"gs://b/a"}}]}]}"""));
        using var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_ARGUMENT"), (refused.StatusCode, error.RootElement.GetProperty("error").GetProperty("status").GetString()));
        Assert.Contains("'contents[0].parts[0]'", error.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_key_may_stand_in_the_query_and_models_are_listed()
    {
        await using var provider = await StartAsync();
        var key = await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: "gemini")]);
        using var client = _gateway.Client(key);
        client.DefaultRequestHeaders.Authorization = null;
        using var answer = await client.PostAsync($"{PathOf(false)}?key={key}", Gateway.Json("""{"contents":[{"parts":[{"text":"Hello"}]}]}"""));
        Assert.Equal(Answer, await answer.Content.ReadAsStringAsync());
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.DoesNotContain(key, sent.Target, StringComparison.Ordinal);

        using var list = JsonDocument.Parse(await client.GetStringAsync($"/v1beta/models?key={key}"));
        Assert.Contains($"models/{_name}", list.RootElement.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        using var one = JsonDocument.Parse(await client.GetStringAsync($"/v1beta/models/{_name}?key={key}"));
        Assert.Equal(_name, one.RootElement.GetProperty("displayName").GetString());

        using var unknown = await client.PostAsync($"/v1beta/models/nobody:generateContent?key={key}", Gateway.Json("""{"contents":[]}"""));
        Assert.Equal((HttpStatusCode.NotFound, true), (unknown.StatusCode, (await unknown.Content.ReadAsStringAsync()).Contains("NOT_FOUND", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Anthropics_clients_are_told_the_models_in_their_form()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "gemini");
        client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        using var list = JsonDocument.Parse(await client.GetStringAsync("/v1/models"));
        Assert.False(list.RootElement.GetProperty("has_more").GetBoolean());
        Assert.Contains(list.RootElement.GetProperty("data").EnumerateArray(), m => string.Equals(m.GetProperty("id").GetString(), _name, StringComparison.Ordinal) && m.GetProperty("type").GetString() is "model");
    }

    private static bool Streams(ReceivedRequest request) => request.Target.Contains("stream", StringComparison.Ordinal)
        || (JsonDocument.Parse(request.Body).RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean());

    private static Task<Upstream> StartAsync() => Upstream.StartAsync((http, request) => Streams(request) ? WriteAsync(http, Stream, "text/event-stream") : WriteAsync(http, Answer, "application/json"));

    private static Task WriteAsync(HttpContext http, string body, string type)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(body, http.RequestAborted);
    }

    private string PathOf(bool stream) => $"/v1beta/models/{_name}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}";

    private async Task<HttpClient> ClientAsync(Upstream provider, string dialect, params string[] more)
    {
        var key = await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: dialect), .. more]);
        var client = _gateway.Client(key);
        client.DefaultRequestHeaders.Authorization = null;
        client.DefaultRequestHeaders.Add("x-goog-api-key", key);
        return client;
    }

    private async Task UsedAsync()
    {
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((12, 3, 5), (usage.InputTokens, usage.CachedTokens, usage.OutputTokens));
    }
}
