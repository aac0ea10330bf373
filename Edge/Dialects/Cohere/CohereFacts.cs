using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>What the gateway reads from an answer, or from one event of its stream, for what is charged.</summary>
internal static class CohereFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json)
    {
        var facts = default(AnswerFacts);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = AnswerFacts.Deepest });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var (isUsage, isEnd, isWord) = (reader.Is("usage"u8), reader.Is("finish_reason"u8), IsWord(reader));
                reader.Read();
                if (isUsage)
                {
                    facts.Usage = CohereUsage.Read(ref reader) ?? facts.Usage;
                }
                else if (isEnd && reader.TokenType == JsonTokenType.String)
                {
                    facts.Finished = UInt128.One;
                }
                else if (isWord && reader.TokenType == JsonTokenType.String)
                {
                    facts.TextBytes += reader.ValueSpan.Length;
                    facts.WordBytes += reader.ValueSpan.Length;
                }
            }
        }
        catch (JsonException)
        {
            // Not our answer to judge.
        }

        return facts;
    }

    private static bool IsWord(in Utf8JsonReader reader) => reader.Is("text"u8) || reader.Is("arguments"u8) || reader.Is("thinking"u8) || reader.Is("tool_plan"u8);
}
