using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sluice.Tests.Conformance.Replays;

/// <summary>What a recording says of its usage, read with a document tree and without care for speed: the witness against which the gateway's reading is held.</summary>
public sealed partial record RecordedUsage(long Input, long Cached, long Output, long Reasoning)
{
    /// <summary>The last usage that an answer tells, or null.</summary>
    public static RecordedUsage? Of(Recording recording)
    {
        var answer = recording.Answer();
        var bodies = recording.IsStream ? Events(answer).Select(DataOf) : [Parse(Encoding.UTF8.GetString(answer))];
        return bodies.Select(UsageIn).LastOrDefault(u => u is not null);
    }

    /// <summary>A stream without the events that carry nothing but usage.</summary>
    public static byte[] Hidden(byte[] stream) =>
        Encoding.Latin1.GetBytes(string.Concat(Events(stream).Where(e => DataOf(e) is not { } body || !IsUsageOnly(body))));

    private static string[] Events(byte[] stream) => [.. Event().Matches(Encoding.Latin1.GetString(stream)).Select(m => m.Value)];

    private static JsonObject? DataOf(string sse) => Parse(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(string.Join(
        '\n', sse.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n', '\r').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => l[5..])))));

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsUsageOnly(JsonObject body) =>
        body["choices"] is JsonArray { Count: 0 } && UsageIn(body) is not null && body.All(f => f.Key is "choices" || f.Value is not JsonArray { Count: > 0 });

    private static RecordedUsage? UsageIn(JsonObject? body)
    {
        var usage = body?["usage"] as JsonObject
            ?? (body?["x_groq"] as JsonObject)?["usage"] as JsonObject
            ?? (body?["choices"] as JsonArray)?.OfType<JsonObject>().Select(c => c["usage"]).OfType<JsonObject>().LastOrDefault();
        if (usage is null || (Count(usage, "prompt_tokens") ?? Count(usage, "completion_tokens") ?? Count(usage, "total_tokens")) is null)
        {
            return null;
        }

        var total = Count(usage, "total_tokens") ?? 0;
        var output = Count(usage, "completion_tokens") ?? 0;
        var input = Count(usage, "prompt_tokens") ?? total - output;
        var cached = new[] { Count(usage["prompt_tokens_details"], "cached_tokens"), Count(usage, "prompt_cache_hit_tokens"), Count(usage, "num_cached_tokens"), Count(usage, "cached_tokens") }.Max() ?? 0;
        var reasoning = new[] { Count(usage["completion_tokens_details"], "reasoning_tokens"), Count(usage, "reasoning_tokens") }.Max() ?? 0;

        // xAI and Gemini leave reasoning out of the completion, though it is in the total, and billed.
        return new RecordedUsage(input, cached, Math.Max(output, total - input), reasoning);
    }

    private static long? Count(JsonNode? from, string field) => from is JsonObject fields && fields[field] is JsonValue value && value.TryGetValue<long>(out var count) ? count : null;

    [GeneratedRegex(@".+?(?:\r\n\r\n|\n\n|\r\r|\z)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Event();
}
