using System.Text.Json.Nodes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>Cohere's chat, version 2.</summary>
internal sealed class CohereWitness : Witness
{
    private const string Usage = """{"billed_units":{"input_tokens":2,"output_tokens":5},"tokens":{"input_tokens":10,"output_tokens":5},"cached_tokens":3}""";

    public override string Dialect => "cohere";

    protected override string Error(string message) => $$"""{"id":"c1","message":"{{message}}"}""";

    protected override JsonObject Whole(Reply reply)
    {
        var message = new JsonObject { ["role"] = "assistant" };
        JsonObject?[] content = [reply.Reasoning is { } thought ? new JsonObject { ["type"] = "thinking", ["thinking"] = thought } : null, reply.Pieces.Length > 0 ? new JsonObject { ["type"] = "text", ["text"] = reply.Text } : null];
        message["content"] = new JsonArray([.. content.OfType<JsonObject>()]);
        if (reply.Cities is { } cities)
        {
            message["tool_calls"] = new JsonArray([.. cities.Select((city, i) => Call(i, Arguments(city)))]);
        }

        return new JsonObject { ["id"] = "c1", ["finish_reason"] = ReasonOf(reply), ["message"] = message, ["usage"] = Json(Usage) };
    }

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        yield return Event(Json("""{"id":"c1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}"""), "message-start");
        foreach (var piece in reply.Pieces)
        {
            yield return Event(Message("content-delta", "content", new JsonObject { ["text"] = piece }), "content-delta");
        }

        foreach (var (city, i) in (reply.Cities ?? []).Select((city, i) => (city, i)))
        {
            yield return Event(Message("tool-call-start", "tool_calls", Call(i, "")), "tool-call-start");
            yield return Event(Message("tool-call-delta", "tool_calls", new JsonObject { ["function"] = new JsonObject { ["arguments"] = Arguments(city) } }), "tool-call-delta");
            yield return Event(new JsonObject { ["type"] = "tool-call-end", ["index"] = i }, "tool-call-end");
        }

        yield return Event(new JsonObject { ["type"] = "message-end", ["delta"] = new JsonObject { ["finish_reason"] = ReasonOf(reply), ["usage"] = Json(Usage) } }, "message-end");
    }

    private static string ReasonOf(Reply reply) => reply.Cities is null ? "COMPLETE" : "TOOL_CALL";

    private static JsonObject Call(int index, string arguments) => new() { ["id"] = $"weather_{index}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "get_weather", ["arguments"] = arguments } };

    private static JsonObject Message(string type, string field, JsonObject value) => new() { ["type"] = type, ["index"] = 0, ["delta"] = new JsonObject { ["message"] = new JsonObject { [field] = value } } };
}
