using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Edge.Dialects.Sandbox;

/// <summary>What the sandbox answers to a chat: fixed text in pieces of one token, or a call of the first tool, as the request asks.</summary>
internal sealed record SandboxReply(IReadOnlyList<string> Pieces, string FinishReason, string? ToolName, int InputTokens)
{
    private const int DefaultTokens = 64;
    private static readonly string[] Words = "This is the Sluice sandbox : it makes the same text each time , costs nothing and asks no model .".Split(' ');

    /// <summary>Plans the answer.</summary>
    public static SandboxReply Plan(JsonElement request, SandboxSettings settings)
    {
        var input = CountInput(request.GetProperty("messages"));
        if (FirstTool(request) is { } tool)
        {
            var name = tool.GetProperty("name").GetString()!;
            var arguments = tool.TryGetProperty("parameters", out var schema) ? SandboxArguments.For(schema) : "{}";
            return new SandboxReply(Split(arguments), "tool_calls", name, input);
        }

        var asked = Bound(request, "max_completion_tokens") ?? Bound(request, "max_tokens");
        var wanted = settings.Tokens ?? (asked is { } bound ? Math.Min(bound, DefaultTokens) : DefaultTokens);
        var given = asked is { } cap ? Math.Min(cap, wanted) : wanted;
        var whole = settings.Tokens is { } all ? given == all : asked is null or >= DefaultTokens;
        return new SandboxReply([.. Enumerable.Range(0, given).Select(i => (i == 0 ? "" : " ") + Words[i % Words.Length])], whole ? "stop" : "length", null, input);
    }

    /// <summary>The usage object of an answer of so many tokens.</summary>
    public JsonObject Usage(int output) => new()
    {
        ["prompt_tokens"] = InputTokens,
        ["completion_tokens"] = output,
        ["total_tokens"] = InputTokens + output,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
    };

    /// <summary>A text's tokens as the sandbox counts them: its words, at least one.</summary>
    public static int CountTokens(string text) => Math.Max(1, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);

    private static JsonElement? FirstTool(JsonElement request)
    {
        var off = request.TryGetProperty("tool_choice", out var choice) && choice.ValueKind == JsonValueKind.String && choice.ValueEquals("none");
        if (off || !request.TryGetProperty("tools", out var tools) || tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() == 0)
        {
            return null;
        }

        // A conversation that ends with a tool's result wants text.
        var messages = request.GetProperty("messages");
        var last = messages.GetArrayLength() == 0 ? default : messages[messages.GetArrayLength() - 1];
        var answered = last.ValueKind == JsonValueKind.Object && last.TryGetProperty("role", out var role) && role.ValueEquals("tool");
        return !answered && tools[0].TryGetProperty("function", out var function) && function.TryGetProperty("name", out _) ? function : null;
    }

    private static int? Bound(JsonElement request, string field) =>
        request.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var bound) ? bound : null;

    private static int CountInput(JsonElement messages)
    {
        var count = 0;
        foreach (var message in messages.EnumerateArray())
        {
            count += 3;
            if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("content", out var content))
            {
                count += content.ValueKind == JsonValueKind.String ? CountTokens(content.GetString()!) : CountParts(content);
            }
        }

        return count;
    }

    private static int CountParts(JsonElement content) => content.ValueKind != JsonValueKind.Array ? 0 : content.EnumerateArray().Sum(part =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? CountTokens(text.GetString()!) : 1);

    private static string[] Split(string text) => [.. text.Chunk(6).Select(c => new string(c))];
}

/// <summary>Makes arguments that fit a tool's JSON schema in the plainest way.</summary>
internal static class SandboxArguments
{
    /// <summary>A JSON object with each required property, or each declared one where none is required.</summary>
    public static string For(JsonElement schema) => Make(schema, 0)?.ToJsonString() ?? "{}";

    private static JsonNode? Make(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > 8)
        {
            return null;
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            return JsonNode.Parse(values[0].GetRawText());
        }

        var type = schema.TryGetProperty("type", out var declared) ? (declared.ValueKind == JsonValueKind.Array ? declared[0] : declared).ToString() : "object";
        return type switch
        {
            "string" => JsonValue.Create("sandbox"),
            "integer" or "number" => JsonValue.Create(1),
            "boolean" => JsonValue.Create(true),
            "array" => new JsonArray(schema.TryGetProperty("items", out var items) ? [Make(items, depth + 1)] : []),
            "null" => null,
            _ => MakeObject(schema, depth),
        };
    }

    private static JsonObject MakeObject(JsonElement schema, int depth)
    {
        var made = new JsonObject();
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return made;
        }

        var required = schema.TryGetProperty("required", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(r => r.ToString()).ToHashSet(StringComparer.Ordinal)
            : null;
        foreach (var property in properties.EnumerateObject().Where(p => required?.Contains(p.Name) ?? true))
        {
            made[property.Name] = Make(property.Value, depth + 1);
        }

        return made;
    }
}
