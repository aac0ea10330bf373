using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Silo.Console.Session;

/// <summary>A way to ask a model, as the playground writes and reads it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Path">Where to ask a model, whole or as a stream.</param>
/// <param name="Write">The body.</param>
/// <param name="Read">The text in an answer, or in one event of a stream.</param>
internal sealed record PlaygroundDialect(string Name, Func<string, bool, string> Path, Func<PlaygroundAsk, JsonObject> Write, Func<JsonNode, string?> Read)
{
    private const int AnthropicTokens = 1024;
    private const string Data = "data: ";

    /// <summary>All, the most used first.</summary>
    public static IReadOnlyList<PlaygroundDialect> All { get; } =
    [
        new(
            "OpenAI chat",
            (_, _) => "/v1/chat/completions",
            ask => new JsonObject
            {
                ["model"] = ask.Model,
                ["messages"] = new JsonArray([.. ask.System.Length > 0 ? [Message("system", ask.System)] : Array.Empty<JsonNode>(), Message("user", ask.Text)]),
                ["stream"] = ask.IsStream,
            },
            answer => Text(answer["choices"]?[0]?["message"]?["content"]) ?? Text(answer["choices"]?[0]?["delta"]?["content"])),
        new(
            "OpenAI responses",
            (_, _) => "/v1/responses",
            ask => With(new JsonObject { ["model"] = ask.Model, ["input"] = ask.Text, ["stream"] = ask.IsStream }, "instructions", ask.System),
            answer => Text(answer["delta"]) ?? Join(answer["output"], item => Join(item["content"], part => Text(part["text"])))),
        new(
            "Anthropic messages",
            (_, _) => "/v1/messages",
            ask => With(
                new JsonObject { ["model"] = ask.Model, ["max_tokens"] = AnthropicTokens, ["messages"] = new JsonArray(Message("user", ask.Text)), ["stream"] = ask.IsStream }, "system", ask.System),
            answer => Text(answer["delta"]?["text"]) ?? Join(answer["content"], part => Text(part["text"]))),
        new(
            "Gemini",
            (model, isStream) => $"/v1beta/models/{string.Join('/', model.Split('/').Select(Uri.EscapeDataString))}:{(isStream ? "streamGenerateContent?alt=sse" : "generateContent")}",
            ask =>
            {
                var body = new JsonObject { ["contents"] = new JsonArray(new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = ask.Text }) }) };
                if (ask.System.Length > 0)
                {
                    body["systemInstruction"] = new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["text"] = ask.System }) };
                }

                return body;
            },
            answer => Join(answer["candidates"]?[0]?["content"]?["parts"], part => Text(part["text"]))),
    ];

    /// <summary>The text in a whole answer; null: none is found.</summary>
    public string? ReadWhole(string body)
    {
        try
        {
            return JsonNode.Parse(body) is { } node ? Read(node) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text in a line of a stream of events; null: none is found.</summary>
    public string? ReadLine(string line) => line.StartsWith(Data, StringComparison.Ordinal) ? ReadWhole(line[Data.Length..]) : null;

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static JsonObject With(JsonObject body, string name, string text)
    {
        if (text.Length > 0)
        {
            body[name] = text;
        }

        return body;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string? Join(JsonNode? list, Func<JsonNode, string?> read) =>
        list is JsonArray items && string.Concat(items.OfType<JsonNode>().Select(read)) is { Length: > 0 } text ? text : null;
}

/// <summary>What the playground asks.</summary>
internal sealed record PlaygroundAsk(string Model, string System, string Text, bool IsStream);
