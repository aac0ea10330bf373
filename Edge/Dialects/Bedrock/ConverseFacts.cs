using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>What the gateway reads from an answer, or from one event <c>{"type": payload}</c> of a stream, for what is charged.</summary>
internal static class ConverseFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static void ReadField(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.Is("usage"u8))
        {
            reader.Read();
            facts.Usage = ConverseUsage.Read(ref reader) ?? facts.Usage;
        }
        else if (reader.Is("stopReason"u8))
        {
            reader.Read();
            facts.Finished = reader.TokenType == JsonTokenType.String ? UInt128.One : facts.Finished;
            reader.Skip();
        }
        else if (reader.Is("text"u8) || reader.Is("input"u8))
        {
            // Words, and arguments: whole ones are an object.
            reader.Read();
            FieldFacts.Count(ref reader, ref facts);
        }
        else if (reader.Is("p"u8) || reader.Is("signature"u8) || reader.Is("redactedContent"u8) || reader.Is("metrics"u8))
        {
            // Padding, and what was not said.
            reader.Read();
            reader.Skip();
        }
    }
}
