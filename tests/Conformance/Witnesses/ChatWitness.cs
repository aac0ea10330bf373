using System.Text.Json.Nodes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>OpenAI's chat completions, with reasoning as compatible providers tell it.</summary>
internal sealed class ChatWitness : Witness
{
    private const string Usage = """{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":3}}""";

    public override string Dialect => "openai";

    protected override string Error(string message) => $$$"""{"error":{"message":"{{{message}}}","type":"requests","param":null,"code":"rate_limit_exceeded"}}""";

    protected override JsonObject Whole(Reply reply)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = reply.Cities is null ? reply.Text : null };
        if (reply.Reasoning is not null)
        {
            message["reasoning_content"] = reply.Reasoning;
        }

        if (reply.Cities is { } cities)
        {
            message["tool_calls"] = new JsonArray([.. cities.Select((city, i) => new JsonObject { ["id"] = $"call_{i}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "get_weather", ["arguments"] = Arguments(city) } })]);
        }

        var answer = Json("""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"witness"}""");
        answer["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = reply.Cities is null ? "stop" : "tool_calls" });
        answer["usage"] = Json(Usage);
        return answer;
    }

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        yield return Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" });
        foreach (var piece in reply.Pieces)
        {
            yield return Chunk(new JsonObject { ["content"] = piece });
        }

        foreach (var (city, i) in (reply.Cities ?? []).Select((city, i) => (city, i)))
        {
            yield return Chunk(new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = i, ["id"] = $"call_{i}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "get_weather", ["arguments"] = "" } }) });
            foreach (var part in new[] { Arguments(city)[..8], Arguments(city)[8..] })
            {
                yield return Chunk(new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = part } }) });
            }
        }

        yield return Chunk([], reply.Cities is null ? "stop" : "tool_calls");
        var last = Json("""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"witness","choices":[]}""");
        last["usage"] = Json(Usage);
        yield return Event(last);
        yield return "data: [DONE]\n\n"u8.ToArray();
    }

    private static byte[] Chunk(JsonObject delta, string? reason = null)
    {
        var chunk = Json("""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"witness"}""");
        chunk["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason });
        return Event(chunk);
    }
}
