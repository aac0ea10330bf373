using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>What the gateway reads from an answer, or from one event of its stream, for what is charged.</summary>
internal static class CohereFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static void ReadField(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
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
            FieldFacts.Count(ref reader, ref facts);
        }
    }

    private static bool IsWord(in Utf8JsonReader reader) => reader.Is("text"u8) || reader.Is("arguments"u8) || reader.Is("thinking"u8) || reader.Is("tool_plan"u8);
}
