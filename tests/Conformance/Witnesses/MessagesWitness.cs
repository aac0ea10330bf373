using System.Text.Json.Nodes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>Anthropic's messages.</summary>
internal sealed class MessagesWitness : Witness
{
    private const string Head = """{"id":"msg_1","type":"message","role":"assistant","model":"witness","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":1}}""";

    public override string Dialect => "anthropic";

    protected override string Error(string message) => $$$"""{"type":"error","error":{"type":"rate_limit_error","message":"{{{message}}}"}}""";

    protected override JsonObject Whole(Reply reply)
    {
        var answer = Json(Head);
        answer["content"] = new JsonArray([.. Blocks(reply)]);
        answer["stop_reason"] = ReasonOf(reply);
        answer["usage"]!["output_tokens"] = 5;
        return answer;
    }

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        yield return Event(new JsonObject { ["type"] = "message_start", ["message"] = Json(Head) }, "message_start");
        foreach (var (block, index) in Blocks(reply).Select((block, index) => (block, index)))
        {
            var (empty, deltas) = Pieces(block, reply);
            yield return Event(new JsonObject { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = empty }, "content_block_start");
            foreach (var delta in deltas)
            {
                yield return Event(new JsonObject { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta }, "content_block_delta");
            }

            yield return Event(new JsonObject { ["type"] = "content_block_stop", ["index"] = index }, "content_block_stop");
        }

        yield return Event(new JsonObject { ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = ReasonOf(reply), ["stop_sequence"] = null }, ["usage"] = Json("""{"output_tokens":5}""") }, "message_delta");
        yield return Event(Json("""{"type":"message_stop"}"""), "message_stop");
    }

    private static string ReasonOf(Reply reply) => reply.Cities is null ? "end_turn" : "tool_use";

    private static IEnumerable<JsonObject> Blocks(Reply reply)
    {
        if (reply.Reasoning is not null)
        {
            yield return new JsonObject { ["type"] = "thinking", ["thinking"] = reply.Reasoning, ["signature"] = "c2ln" };
        }

        if (reply.Pieces.Length > 0)
        {
            yield return new JsonObject { ["type"] = "text", ["text"] = reply.Text };
        }

        foreach (var (city, i) in (reply.Cities ?? []).Select((city, i) => (city, i)))
        {
            yield return new JsonObject { ["type"] = "tool_use", ["id"] = $"toolu_{i}", ["name"] = "get_weather", ["input"] = new JsonObject { ["city"] = city } };
        }
    }

    private static (JsonObject Empty, JsonObject[] Deltas) Pieces(JsonObject block, Reply reply)
    {
        var empty = block.DeepClone().AsObject();
        switch ((string)block["type"]!)
        {
            case "thinking":
                (empty["thinking"], empty["signature"]) = ("", "");
                return (empty, [new JsonObject { ["type"] = "thinking_delta", ["thinking"] = reply.Reasoning }, new JsonObject { ["type"] = "signature_delta", ["signature"] = "c2ln" }]);
            case "text":
                empty["text"] = "";
                return (empty, [.. reply.Pieces.Select(p => new JsonObject { ["type"] = "text_delta", ["text"] = p })]);
            default:
                empty["input"] = new JsonObject();
                var arguments = block["input"]!.ToJsonString();
                return (empty, [.. new[] { arguments[..8], arguments[8..] }.Select(p => new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = p })]);
        }
    }
}
