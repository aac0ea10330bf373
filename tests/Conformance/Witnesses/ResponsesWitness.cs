using System.Text.Json.Nodes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>OpenAI's responses.</summary>
internal sealed class ResponsesWitness : Witness
{
    private const string Head = """{"id":"resp_1","object":"response","created_at":1700000000,"status":"in_progress","error":null,"incomplete_details":null,"model":"witness","output":[],"usage":null}""";

    public override string Dialect => "responses";

    protected override string Error(string message) => $$$"""{"error":{"message":"{{{message}}}","type":"requests","param":null,"code":"rate_limit_exceeded"}}""";

    protected override JsonObject Whole(Reply reply)
    {
        var answer = Json(Head);
        answer["status"] = "completed";
        answer["output"] = new JsonArray([.. Items(reply)]);
        answer["usage"] = Json("""{"input_tokens":10,"input_tokens_details":{"cached_tokens":3},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":15}""");
        return answer;
    }

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        var number = 0;
        yield return Tell("response.created", new JsonObject { ["response"] = Json(Head) });
        foreach (var (item, index) in Items(reply).Select((item, index) => (item, index)))
        {
            var id = (string)item["id"]!;
            var begun = item.DeepClone().AsObject();
            begun[item["type"]!.GetValue<string>() switch { "message" => "content", "reasoning" => "summary", _ => "arguments" }] = item["type"]!.GetValue<string>() is "function_call" ? "" : new JsonArray();
            yield return Tell("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = begun });
            foreach (var (type, delta) in Deltas(item, reply))
            {
                yield return Tell(type, new JsonObject { ["item_id"] = id, ["output_index"] = index, ["content_index"] = 0, ["summary_index"] = 0, ["delta"] = delta });
            }

            yield return Tell("response.output_item.done", new JsonObject { ["output_index"] = index, ["item"] = item });
        }

        yield return Tell("response.completed", new JsonObject { ["response"] = Whole(reply) });

        byte[] Tell(string type, JsonObject data)
        {
            (data["type"], data["sequence_number"]) = (type, number++);
            return Event(data, type);
        }
    }

    private static IEnumerable<(string Type, string Delta)> Deltas(JsonObject item, Reply reply) => (string)item["type"]! switch
    {
        "message" => reply.Pieces.Select(p => ("response.output_text.delta", p)),
        "reasoning" => [("response.reasoning_summary_text.delta", reply.Reasoning!)],
        _ => [("response.function_call_arguments.delta", ((string)item["arguments"]!)[..8]), ("response.function_call_arguments.delta", ((string)item["arguments"]!)[8..])],
    };

    private static IEnumerable<JsonObject> Items(Reply reply)
    {
        if (reply.Reasoning is not null)
        {
            yield return new JsonObject { ["id"] = "rs_1", ["type"] = "reasoning", ["summary"] = new JsonArray(new JsonObject { ["type"] = "summary_text", ["text"] = reply.Reasoning }) };
        }

        if (reply.Pieces.Length > 0)
        {
            yield return new JsonObject { ["id"] = "msg_1", ["type"] = "message", ["role"] = "assistant", ["status"] = "completed", ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = reply.Text, ["annotations"] = new JsonArray() }) };
        }

        foreach (var (city, i) in (reply.Cities ?? []).Select((city, i) => (city, i)))
        {
            yield return new JsonObject { ["id"] = $"fc_{i}", ["type"] = "function_call", ["call_id"] = $"call_{i}", ["name"] = "get_weather", ["arguments"] = Arguments(city), ["status"] = "completed" };
        }
    }
}
