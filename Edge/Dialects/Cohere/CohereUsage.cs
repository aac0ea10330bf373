using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary><c>usage</c>: <c>tokens</c> are all that the model read and wrote, <c>billed_units</c> those that are charged; the former count where they are told.</summary>
internal static class CohereUsage
{
    /// <summary>Reads it from where the reader stands; null where it tells no count.</summary>
    public static TokenCounts? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        TokenCounts? tokens = null, billed = null;
        var cached = 0L;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("tokens"u8))
            {
                reader.Read();
                tokens = TokenUsage.Read(ref reader);
            }
            else if (reader.Is("billed_units"u8))
            {
                reader.Read();
                billed = TokenUsage.Read(ref reader);
            }
            else
            {
                var isCached = reader.Is("cached_tokens"u8);
                reader.Read();
                cached = isCached && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) ? Math.Max(count, 0) : cached;
                reader.Skip();
            }
        }

        return (tokens ?? billed) is { } told ? told with { CachedRead = Math.Min(cached, told.Input) } : null;
    }
}
