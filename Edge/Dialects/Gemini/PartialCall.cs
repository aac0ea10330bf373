using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// The arguments of a function that are streamed in pieces, <c>{"jsonPath": "$.place.name", "stringValue": "Bos", "willContinue": true}</c>: texts of one path that follow each other are one
/// (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling).
/// </summary>
internal sealed class PartialCall
{
    private const int MostItems = 10_000;
    private readonly JsonObject _arguments = [];

    /// <summary>Takes some pieces.</summary>
    /// <exception cref="DialectFaultException">A path is none.</exception>
    public void Take(Json pieces)
    {
        var items = pieces.Items();
        while (items.Next())
        {
            var (path, value) = (default(Json), default(Json));
            var (isText, isNull) = (false, false);
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                if (fields.Is("jsonPath"u8))
                {
                    path = fields.Value.Text();
                }
                else if (fields.Is("stringValue"u8))
                {
                    (value, isText) = (fields.Value.Text(), true);
                }
                else if (fields.Is("numberValue"u8) || fields.Is("boolValue"u8))
                {
                    value = fields.Value;
                }
                else if (fields.Is("nullValue"u8))
                {
                    isNull = true;
                }
            }

            if (!value.IsNothing || isNull)
            {
                Set(path, isNull ? null : isText ? JsonValue.Create(value.ForPerson()) : JsonNode.Parse(value.Span), isText);
            }
        }
    }

    /// <summary>All of them so far.</summary>
    public Json Arguments() => new(JsonSerializer.SerializeToUtf8Bytes(_arguments), -1);

    private void Set(Json path, JsonNode? value, bool isText)
    {
        var steps = StepsOf(path);
        JsonNode at = _arguments;
        for (var i = 0; i < steps.Count - 1; i++)
        {
            var next = Get(at, steps[i], path);
            if (next is not (JsonObject or JsonArray))
            {
                next = IsIndex(steps[i + 1], out _) ? new JsonArray() : new JsonObject();
                Put(at, steps[i], next, path);
            }

            at = next;
        }

        var before = Get(at, steps[^1], path);
        Put(at, steps[^1], isText && before is JsonValue text && text.TryGetValue<string>(out var words) ? JsonValue.Create(words + value!.GetValue<string>()) : value, path);
    }

    private static JsonNode? Get(JsonNode at, string step, Json path) => at switch
    {
        JsonArray list when IsIndex(step, out var index) => index < list.Count ? list[index] : null,
        JsonObject fields when !IsIndex(step, out _) => fields[step],
        _ => throw path.Wrong("a path that fits what came before"),
    };

    private static void Put(JsonNode at, string step, JsonNode? value, Json path)
    {
        if (at is JsonObject fields)
        {
            fields[step] = value;
            return;
        }

        var list = (JsonArray)at;
        if (!IsIndex(step, out var index) || index > Math.Min(list.Count, MostItems))
        {
            throw path.Wrong("a path whose items follow each other");
        }

        if (index == list.Count)
        {
            list.Add(value);
        }
        else
        {
            list[index] = value;
        }
    }

    private static bool IsIndex(string step, out int index)
    {
        index = 0;
        return step is ['[', .., ']'] && int.TryParse(step.AsSpan(1, step.Length - 2), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out index);
    }

    // $.a[0].b and $['a']; a step that is an item keeps its brackets.
    private static List<string> StepsOf(Json path)
    {
        var (text, steps) = (path.ForPerson(), new List<string>());
        for (var at = text.StartsWith('$') ? 1 : 0; at < text.Length && steps.Count <= Json.Deepest;)
        {
            var isBracket = text[at] == '[';
            var end = isBracket ? text.IndexOf(']', at) + 1 : text.IndexOfAny(['.', '['], at + 1);
            end = end <= 0 ? text.Length : end;
            var step = isBracket ? text[at..end] : text[at..end].TrimStart('.');
            steps.Add(isBracket && step.Length > 3 && step[1] is '\'' or '"' ? step[2..^2] : step);
            at = end;
        }

        return steps is [] || steps.Exists(static s => s.Length == 0) || steps.Count > Json.Deepest ? throw path.Wrong("a path, as $.name") : steps;
    }
}
