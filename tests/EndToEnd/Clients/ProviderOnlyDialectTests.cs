using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Providers whose dialect no client speaks, over HTTP: Bedrock's, Cohere's and Ollama's, whole and streamed, told and charged alike.</summary>
public sealed class ProviderOnlyDialectTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"b{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("bedrock", false, "/v1/model/any/converse")]
    [InlineData("bedrock", true, "/v1/model/any/converse-stream")]
    [InlineData("cohere", false, "/v1/chat")]
    [InlineData("cohere", true, "/v1/chat")]
    [InlineData("ollama", false, "/v1/api/chat")]
    [InlineData("ollama", true, "/v1/api/chat")]
    public async Task A_caller_of_chat_completions_notices_nothing_and_is_charged_what_it_told(string dialect, bool stream, string path)
    {
        await using var provider = await Upstream.StartAsync((http, _) => AnswerAsync(http, dialect, stream));
        var key = await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: dialect), OwnModel.Budget(_name, 5000)]);
        using var client = _gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","max_tokens":9000,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}"""));
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal(stream ? "text/event-stream" : "application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"content\":\"Hi\"", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"stop\"", body, StringComparison.Ordinal);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal(path, sent.Target);
        Assert.InRange(CapOf(JsonDocument.Parse(sent.Body).RootElement, dialect), 1, 5000);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((12, 5), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task A_request_to_Bedrock_is_signed_by_the_secret_that_is_named()
    {
        await using var provider = await Upstream.StartAsync((http, _) => AnswerAsync(http, "bedrock", stream: false));
        var key = await OwnModel.ApplyAsync(_gateway, _name, [
            $"kind: Secret\nname: {_name}\nvalue: AKID:hidden",
            OwnModel.Bundle(_name, provider, dialect: "bedrock").Replace("dialect: bedrock", $"dialect: bedrock\ncredentials: [{{ secret: {_name} }}]", StringComparison.Ordinal),
        ]);
        using var client = _gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","messages":[{"role":"user","content":"Hello"}]}"""));

        Assert.True(answer.IsSuccessStatusCode);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKID/", sent.Headers["Authorization"], StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", sent.Headers["Authorization"], StringComparison.Ordinal);
        Assert.True(sent.Headers.ContainsKey("X-Amz-Date"));
    }

    private static int CapOf(JsonElement sent, string dialect) => dialect switch
    {
        "bedrock" => sent.GetProperty("inferenceConfig").GetProperty("maxTokens").GetInt32(),
        "cohere" => sent.GetProperty("max_tokens").GetInt32(),
        _ => sent.GetProperty("options").GetProperty("num_predict").GetInt32(),
    };

    private static async Task AnswerAsync(HttpContext http, string dialect, bool stream)
    {
        const string Bedrock = """{"inputTokens":9,"cacheReadInputTokens":3,"outputTokens":5,"totalTokens":17}""";
        const string Cohere = """{"billed_units":{"input_tokens":2,"output_tokens":5},"tokens":{"input_tokens":12,"output_tokens":5}}""";
        if (dialect is "bedrock" && stream)
        {
            http.Response.ContentType = "application/vnd.amazon.eventstream";
            await http.Response.Body.WriteAsync((byte[])[
                .. EventStreamMessage.Of("messageStart", """{"role":"assistant"}"""), .. EventStreamMessage.Of("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"Hi"}}"""),
                .. EventStreamMessage.Of("messageStop", """{"stopReason":"end_turn"}"""), .. EventStreamMessage.Of("metadata", $$"""{"usage":{{Bedrock}} }""")], http.RequestAborted);
            return;
        }

        (http.Response.ContentType, var body) = (dialect, stream) switch
        {
            ("bedrock", _) => ("application/json", $$"""{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}] } },"stopReason":"end_turn","usage":{{Bedrock}} }"""),
            ("cohere", false) => ("application/json", $$"""{"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Hi"}]},"usage":{{Cohere}} }"""),
            ("cohere", true) => ("text/event-stream", """data: {"id":"c","type":"message-start","delta":{"message":{"role":"assistant"}}}""" + "\n\n" + """data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}}""" + "\n\n" + $$"""data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{{Cohere}} } }""" + "\n\n"),
            (_, false) => ("application/json", """{"model":"m","message":{"role":"assistant","content":"Hi"},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":5}"""),
            _ => ("application/x-ndjson", """{"model":"m","message":{"role":"assistant","content":"Hi"},"done":false}""" + "\n" + """{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":5}""" + "\n"),
        };
        await http.Response.WriteAsync(body, http.RequestAborted);
    }
}
