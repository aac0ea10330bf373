using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>What a streamed answer comes to: its pieces are put together, place by place, before they are looked at, for what must not be kept may stand in several of them.</summary>
internal static class StreamText
{
    private const int MostPlaces = 200;
    private const int Deepest = 32;

    // What the dialects stream text as.
    private static readonly FrozenSet<string> Pieces = new[]
    {
        "content", "text", "delta", "arguments", "partial_json", "thinking", "refusal", "reasoning", "reasoning_content", "transcript",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The texts by place as JSON, such as <c>{"choices[0].delta.content": "Hello"}</c>.</summary>
    /// <param name="events">Server-sent events, whose last may be cut.</param>
    /// <param name="rules">What is not kept.</param>
    public static string Of(ReadOnlySpan<byte> events, CompiledBodyLogging rules)
    {
        var texts = new Dictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (var line in events.Split((byte)'\n'))
        {
            var data = events[line].TrimEnd((byte)'\r');
            if (data.StartsWith("data:"u8))
            {
                Add(texts, data[5..].Trim((byte)' '), rules);
            }
        }

        return JsonSerializer.Serialize(texts.ToDictionary(text => text.Key, text => Detectors.Redact(text.Value.ToString(), rules), StringComparer.Ordinal));
    }

    private static void Add(Dictionary<string, StringBuilder> texts, ReadOnlySpan<byte> json, CompiledBodyLogging rules)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
            using var read = JsonDocument.ParseValue(ref reader);
            Walk(texts, read.RootElement, "", rules);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Such as [DONE], or one that was cut: there is no piece in it.
        }
    }

    private static void Walk(Dictionary<string, StringBuilder> texts, JsonElement element, string place, CompiledBodyLogging rules)
    {
        if (element.ValueKind is JsonValueKind.Array)
        {
            var i = 0;
            foreach (var item in element.EnumerateArray())
            {
                Walk(texts, item, IndexOf(item) is null ? string.Create(CultureInfo.InvariantCulture, $"{place}[{i}]") : place, rules);
                i++;
            }
        }
        else if (element.ValueKind is JsonValueKind.Object)
        {
            var at = IndexOf(element) is { } index ? string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]") : place;
            foreach (var member in element.EnumerateObject().Where(member => !rules.Fields.Contains(member.Name)))
            {
                var name = at.Length == 0 ? member.Name : $"{at}.{member.Name}";
                if (member.Value.ValueKind is JsonValueKind.String && Pieces.Contains(member.Name) && (texts.ContainsKey(name) || texts.Count < MostPlaces))
                {
                    (texts.TryGetValue(name, out var text) ? text : texts[name] = new StringBuilder()).Append(member.Value.GetString());
                }
                else
                {
                    Walk(texts, member.Value, name, rules);
                }
            }
        }
    }

    private static int? IndexOf(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Object)
        {
            foreach (var name in (ReadOnlySpan<string>)["index", "content_index", "output_index"])
            {
                if (element.TryGetProperty(name, out var index) && index.ValueKind is JsonValueKind.Number && index.TryGetInt32(out var number))
                {
                    return number;
                }
            }
        }

        return null;
    }
}
