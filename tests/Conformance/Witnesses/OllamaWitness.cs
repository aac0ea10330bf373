using System.Text;
using System.Text.Json.Nodes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>Ollama's own chat.</summary>
internal sealed class OllamaWitness : Witness
{
    public override string Dialect => "ollama";

    protected override string StreamType => "application/x-ndjson";

    protected override string Error(string message) => $$"""{"error":"{{message}}"}""";

    protected override JsonObject Whole(Reply reply) => Line(Message(reply.Text, reply), isDone: true);

    protected override IEnumerable<byte[]> Stream(Reply reply)
    {
        foreach (var piece in reply.Pieces)
        {
            yield return Bytes(Line(new JsonObject { ["role"] = "assistant", ["content"] = piece }, isDone: false));
        }

        yield return Bytes(Line(Message("", reply), isDone: true));
    }

    private static byte[] Bytes(JsonObject line) => Encoding.UTF8.GetBytes(line.ToJsonString() + "\n");

    private static JsonObject Message(string text, Reply reply)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = text };
        if (reply.Reasoning is not null)
        {
            message["thinking"] = reply.Reasoning;
        }

        if (reply.Cities is { } cities)
        {
            message["tool_calls"] = new JsonArray([.. cities.Select(city => new JsonObject { ["function"] = new JsonObject { ["name"] = "get_weather", ["arguments"] = new JsonObject { ["city"] = city } } })]);
        }

        return message;
    }

    private static JsonObject Line(JsonObject message, bool isDone)
    {
        var line = Json("""{"model":"witness","created_at":"2026-01-02T03:04:05Z"}""");
        (line["message"], line["done"]) = (message, isDone);
        if (isDone)
        {
            (line["done_reason"], line["prompt_eval_count"], line["eval_count"]) = ("stop", 10, 5);
        }

        return line;
    }
}
