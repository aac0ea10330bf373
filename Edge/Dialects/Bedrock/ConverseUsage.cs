using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary><c>usage</c>: what was read from and written to a cache is input beside <c>inputTokens</c>.</summary>
internal static class ConverseUsage
{
    /// <summary>Reads it; null where it tells no count.</summary>
    public static TokenCounts? Read(Json usage)
    {
        var reader = new Utf8JsonReader(usage.Span, Json.Options);
        return usage.IsObject && reader.Read() ? Read(ref reader) : null;
    }

    /// <summary>Reads it from where the reader stands; null where it tells no count.</summary>
    public static TokenCounts? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long? input = null, output = null, read = null, written = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.Is("inputTokens"u8) ? 1 : reader.Is("outputTokens"u8) ? 2 : reader.Is("cacheReadInputTokens"u8) ? 3 : reader.Is("cacheWriteInputTokens"u8) ? 4 : 0;
            reader.Read();
            var count = TokenUsage.CountAt(reader);
            (input, output, read, written) = (name == 1 ? count : input, name == 2 ? count : output, name == 3 ? count : read, name == 4 ? count : written);
            reader.Skip();
        }

        return input is null && output is null ? null
            : new TokenCounts((input ?? 0) + (read ?? 0) + (written ?? 0), read ?? 0, written ?? 0, 0, 0, output ?? 0, 0, 0);
    }
}
