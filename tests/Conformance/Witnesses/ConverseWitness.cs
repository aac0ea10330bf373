using System.Text.Json.Nodes;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>Bedrock's Converse.</summary>
internal sealed class ConverseWitness : Witness
{
    private const string Usage = """{"inputTokens":7,"cacheReadInputTokens":3,"outputTokens":5,"totalTokens":15}""";

    public override string Dialect => "bedrock";

    protected override string StreamType => "application/vnd.amazon.eventstream";

    protected override bool IsStreamed(ReceivedRequest request) => request.Target.EndsWith("/converse-stream", StringComparison.Ordinal);

    protected override string Error(string message) => $$"""{"message":"{{message}}"}""";

    protected override JsonObject Whole(Reply reply) => new()
    {
        ["output"] = new JsonObject { ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray([.. Blocks(reply)]) } },
        ["stopReason"] = ReasonOf(reply),
        ["usage"] = Json(Usage),
    };

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        yield return Frame("messageStart", Json("""{"role":"assistant"}"""));
        foreach (var (block, index) in Blocks(reply).Select((block, index) => (block, index)))
        {
            if (block["toolUse"] is { } tool)
            {
                yield return Frame("contentBlockStart", new JsonObject { ["contentBlockIndex"] = index, ["start"] = new JsonObject { ["toolUse"] = new JsonObject { ["toolUseId"] = tool["toolUseId"]!.DeepClone(), ["name"] = "get_weather" } } });
            }

            foreach (var delta in Deltas(block, reply))
            {
                yield return Frame("contentBlockDelta", new JsonObject { ["contentBlockIndex"] = index, ["delta"] = delta });
            }

            yield return Frame("contentBlockStop", new JsonObject { ["contentBlockIndex"] = index });
        }

        yield return Frame("messageStop", new JsonObject { ["stopReason"] = ReasonOf(reply) });
        yield return Frame("metadata", new JsonObject { ["usage"] = Json(Usage) });
    }

    private static byte[] Frame(string type, JsonObject payload) => EventStreamMessage.Of(type, payload.ToJsonString());

    private static string ReasonOf(Reply reply) => reply.Cities is null ? "end_turn" : "tool_use";

    private static IEnumerable<JsonObject> Blocks(Reply reply)
    {
        if (reply.Reasoning is not null)
        {
            yield return new JsonObject { ["reasoningContent"] = new JsonObject { ["reasoningText"] = new JsonObject { ["text"] = reply.Reasoning, ["signature"] = "c2ln" } } };
        }

        if (reply.Pieces.Length > 0)
        {
            yield return new JsonObject { ["text"] = reply.Text };
        }

        foreach (var (city, i) in (reply.Cities ?? []).Select((city, i) => (city, i)))
        {
            yield return new JsonObject { ["toolUse"] = new JsonObject { ["toolUseId"] = $"tooluse_{i}", ["name"] = "get_weather", ["input"] = new JsonObject { ["city"] = city } } };
        }
    }

    private static IEnumerable<JsonObject> Deltas(JsonObject block, Reply reply) =>
        block["toolUse"] is { } tool ? new[] { tool["input"]!.ToJsonString()[..8], tool["input"]!.ToJsonString()[8..] }.Select(p => new JsonObject { ["toolUse"] = new JsonObject { ["input"] = p } })
        : block["text"] is not null ? reply.Pieces.Select(p => new JsonObject { ["text"] = p })
        : [Json("""{"reasoningContent":{"text":"Let me think"}}"""), Json("""{"reasoningContent":{"signature":"c2ln"}}""")];
}
