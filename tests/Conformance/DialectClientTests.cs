using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>The official JavaScript clients of both dialects, unchanged, for models behind providers of both; <c>node/dialects.mjs</c> says what they saw.</summary>
public sealed class DialectClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Weather = """get_weather {"city":"Graz"}""";

    [Fact]
    public async Task Clients_of_each_dialect_notice_nothing_of_the_providers()
    {
        await using var openAI = await Upstream.StartAsync(AnswerAsOpenAIAsync);
        await using var anthropic = await Upstream.StartAsync(AnswerAsAnthropicAsync);
        await shared.Gateway.ApplyAsync($$"""
            kind: Provider
            name: of-openai
            dialect: openai
            address: {{openAI.Address}}/v1
            ---
            kind: Provider
            name: of-anthropic
            dialect: anthropic
            address: {{anthropic.Address}}/v1
            ---
            kind: Model
            name: of-openai
            targets: [{ provider: of-openai, model: gpt }]
            ---
            kind: Model
            name: of-anthropic
            targets: [{ provider: of-anthropic, model: claude }]
            """);
        var seen = await NodeScript.RunAsync("dialects.mjs", shared.Gateway.Edge.ToString().TrimEnd('/'), shared.Gateway.TenantKey);

        foreach (var model in new[] { "of-openai", "of-anthropic" })
        {
            Assert.Equal("message assistant Hello there end_turn 7+3 5", seen[$"{model} text"]);
            Assert.Equal(model is "of-openai" ? "true gpt" : "true claude", seen[$"{model} id"]);
            Assert.Equal("Hello| there end_turn 5", seen[$"{model} stream"]);
            Assert.Equal($"tool_use {Weather}", seen[$"{model} tools"]);
            Assert.Equal($"tool_use {Weather}", seen[$"{model} streamed tools"]);
            Assert.Equal("It is 21 degrees", seen[$"{model} result"]);
            Assert.Equal("true", seen[$"{model} count"]);
            Assert.Equal("RateLimitError 429 told", seen[$"{model} error"]);
            Assert.Equal("NotFoundError 404", seen[$"{model} no model"]);
            Assert.Equal("completed Hello there 10 3 5", seen[$"{model} response"]);
            Assert.Equal("Hello| there completed Hello there 5", seen[$"{model} response stream"]);
            Assert.Equal(Weather, seen[$"{model} response tools"]);
            Assert.Equal(Weather, seen[$"{model} response streamed tools"]);
            Assert.Equal("It is 21 degrees", seen[$"{model} response result"]);
            Assert.Equal("RateLimitError 429 told", seen[$"{model} response error"]);
            Assert.Equal("BadRequestError 400 400 'previous_response_id'", seen[$"{model} response refused"]);
        }

        Assert.Equal("Hello there stop 10 3 5", seen["openai text"]);
        Assert.Equal("Hello| there 5", seen["openai stream"]);
        Assert.Equal($"tool_calls {Weather}", seen["openai tools"]);
        Assert.Equal($"tool_calls {Weather}", seen["openai streamed tools"]);
        Assert.Equal("It is 21 degrees", seen["openai result"]);
        Assert.Equal("RateLimitError 429 told", seen["openai error"]);
        Assert.Equal("BadRequestError 400 400 'n': Anthropic's dialect gives one answer at a time.", seen["openai refused"]);
        Assert.All(anthropic.Requests, request => Assert.NotEmpty(request.Headers["anthropic-version"]));
        Assert.All(openAI.Requests, request => Assert.DoesNotContain("anthropic-version", request.Headers.Keys));
    }

    private static Task AnswerAsOpenAIAsync(HttpContext http, ReceivedRequest request)
    {
        const string Usage = """{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":3}}""";
        const string Head = """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt","choices":[""";
        var asked = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal("gpt", asked.GetProperty("model").GetString());
        var messages = asked.GetProperty("messages");
        var last = messages[messages.GetArrayLength() - 1];
        if (last.GetProperty("content").GetString() is "fail")
        {
            return WriteAsync(http, 429, """{"error":{"message":"Slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}""");
        }

        var isResult = last.GetProperty("role").GetString() is "tool";
        var calls = asked.TryGetProperty("tools", out _) && !isResult;
        var text = isResult ? $"It is {last.GetProperty("content").GetString()}" : "Hello there";
        if (asked.TryGetProperty("stream", out _))
        {
            string[] deltas = calls
                ? ["""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get_weather","arguments":""}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"\"Graz\"}"}}]}"""]
                : ["""{"role":"assistant","content":""}""", """{"content":"Hello"}""", """{"content":" there"}"""];
            var reason = calls ? "tool_calls" : "stop";
            var events = deltas.Select(d => $$"""{{Head}}{"index":0,"delta":{{d}},"finish_reason":null}]}""")
                .Append($$"""{{Head}}{"index":0,"delta":{},"finish_reason":"{{reason}}"}]}""").Append($$"""{{Head}}],"usage":{{Usage}}}""").Append("[DONE]");
            return WriteAsync(http, 200, string.Concat(events.Select(e => $"data: {e}\n\n")), "text/event-stream");
        }

        var message = calls
            ? """{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Graz\"}"}}]}"""
            : $$"""{"role":"assistant","content":"{{text}}"}""";
        return WriteAsync(http, 200, $$"""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt","choices":[{"index":0,"message":{{message}},"finish_reason":"{{(calls ? "tool_calls" : "stop")}}"}],"usage":{{Usage}}}""");
    }

    private static Task AnswerAsAnthropicAsync(HttpContext http, ReceivedRequest request)
    {
        const string Usage = """{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":5}""";
        var asked = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal("claude", asked.GetProperty("model").GetString());
        if (request.Target.EndsWith("/count_tokens", StringComparison.Ordinal))
        {
            return WriteAsync(http, 200, """{"input_tokens":7}""");
        }

        Assert.True(asked.GetProperty("max_tokens").GetInt32() > 0);
        var messages = asked.GetProperty("messages");
        var content = messages[messages.GetArrayLength() - 1].GetProperty("content");
        if (content.ValueKind is JsonValueKind.String && content.GetString() is "fail")
        {
            return WriteAsync(http, 429, """{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}""");
        }

        var isResult = content.ValueKind is JsonValueKind.Array && content[0].GetProperty("type").GetString() is "tool_result";
        var calls = asked.TryGetProperty("tools", out _) && !isResult;
        var text = isResult ? $"It is {content[0].GetProperty("content").GetString()}" : "Hello there";
        var reason = calls ? "tool_use" : "end_turn";
        if (asked.TryGetProperty("stream", out _))
        {
            var block = calls ? """{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{}}""" : """{"type":"text","text":""}""";
            string[] deltas = calls
                ? ["""{"type":"input_json_delta","partial_json":"{\"city\":"}""", """{"type":"input_json_delta","partial_json":"\"Graz\"}"}"""]
                : ["""{"type":"text_delta","text":"Hello"}""", """{"type":"text_delta","text":" there"}"""];
            var events = new[] { ("message_start", """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1} } }"""), ("content_block_start", $$"""{"type":"content_block_start","index":0,"content_block":{{block}} }""") }
                .Concat(deltas.Select(d => ("content_block_delta", $$"""{"type":"content_block_delta","index":0,"delta":{{d}} }""")))
                .Append(("content_block_stop", """{"type":"content_block_stop","index":0}"""))
                .Append(("message_delta", $$"""{"type":"message_delta","delta":{"stop_reason":"{{reason}}","stop_sequence":null},"usage":{"output_tokens":5} }"""))
                .Append(("message_stop", """{"type":"message_stop"}"""));
            return WriteAsync(http, 200, string.Concat(events.Select(e => $"event: {e.Item1}\ndata: {e.Item2}\n\n")), "text/event-stream");
        }

        var said = calls ? """{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"city":"Graz"}}""" : $$"""{"type":"text","text":"{{text}}"}""";
        return WriteAsync(http, 200, $$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{{said}}],"stop_reason":"{{reason}}","stop_sequence":null,"usage":{{Usage}}}""");
    }

    private static Task WriteAsync(HttpContext http, int status, string body, string type = "application/json")
    {
        (http.Response.StatusCode, http.Response.ContentType) = (status, type);
        return http.Response.WriteAsync(body, http.RequestAborted);
    }
}
