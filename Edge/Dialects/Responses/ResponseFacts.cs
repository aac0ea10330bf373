using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>What the gateway reads from a response, or from one event of its stream, that passes untouched.</summary>
internal static class ResponseFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => AnswerFacts.ReadObject(json, static (ref reader, ref facts) => ReadFields(ref reader, ref facts, isEvent: true));

    // Of the event, and of the response in it.
    private static void ReadFields(ref Utf8JsonReader reader, ref AnswerFacts facts, bool isEvent)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("usage"u8))
            {
                reader.Read();
                facts.Usage = TokenUsage.Read(ref reader) ?? facts.Usage;
            }
            else if (reader.Is("service_tier"u8))
            {
                reader.Read();
                facts.IsBatch = reader.TokenType == JsonTokenType.String && (reader.Is("flex"u8) || reader.Is("batch"u8));
                reader.Skip();
            }
            else if (isEvent && reader.Is("type"u8))
            {
                reader.Read();
                facts.Finished = IsLast(reader) ? UInt128.One : facts.Finished;
                reader.Skip();
            }
            else if (isEvent && reader.Is("response"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadFields(ref reader, ref facts, isEvent: false);
                }
            }
            else if (isEvent && (reader.Is("delta"u8) || reader.Is("output"u8)))
            {
                // Words as they come; and all of them in an answer that is told at once.
                reader.Read();
                FieldFacts.Count(ref reader, ref facts);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static bool IsLast(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String
        && (reader.Is("response.completed"u8) || reader.Is("response.incomplete"u8) || reader.Is("response.failed"u8));
}
