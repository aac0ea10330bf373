using System.Text.Json.Nodes;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>Gemini's generateContent.</summary>
internal sealed class GenerateWitness : Witness
{
    public override string Dialect => "gemini";

    protected override bool IsStreamed(ReceivedRequest request) => request.Target.Contains(":streamGenerateContent", StringComparison.Ordinal);

    protected override string Error(string message) => $$$"""{"error":{"code":429,"message":"{{{message}}}","status":"RESOURCE_EXHAUSTED"}}""";

    protected override JsonObject Whole(Reply reply) => Answer([.. Parts(reply, [reply.Text])], isLast: true);

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        var parts = Parts(reply, reply.Pieces).ToArray();
        for (var i = 0; i < parts.Length; i++)
        {
            yield return Event(Answer([parts[i]], isLast: i == parts.Length - 1));
        }
    }

    private static JsonObject Answer(JsonNode[] parts, bool isLast)
    {
        var candidate = new JsonObject { ["content"] = new JsonObject { ["parts"] = new JsonArray(parts), ["role"] = "model" }, ["index"] = 0 };
        if (isLast)
        {
            candidate["finishReason"] = "STOP";
        }

        var answer = Json("""{"modelVersion":"witness","responseId":"r1"}""");
        answer["candidates"] = new JsonArray(candidate);
        answer["usageMetadata"] = Json("""{"promptTokenCount":10,"cachedContentTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":15}""");
        return answer;
    }

    private static IEnumerable<JsonNode> Parts(Reply reply, string[] pieces)
    {
        if (reply.Reasoning is not null)
        {
            yield return new JsonObject { ["text"] = reply.Reasoning, ["thought"] = true };
        }

        foreach (var piece in pieces.Where(p => p.Length > 0))
        {
            yield return new JsonObject { ["text"] = piece };
        }

        foreach (var (city, i) in (reply.Cities ?? []).Select((city, i) => (city, i)))
        {
            var part = new JsonObject { ["functionCall"] = new JsonObject { ["name"] = "get_weather", ["args"] = new JsonObject { ["city"] = city } } };
            if (i == 0)
            {
                part["thoughtSignature"] = "c2ln";
            }

            yield return part;
        }
    }
}
