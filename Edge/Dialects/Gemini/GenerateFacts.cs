using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>What the gateway reads from an answer, or from one event of its stream, that passes untouched: both have one form.</summary>
internal static class GenerateFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => AnswerFacts.ReadObject(json, ReadFields);

    private static void ReadFields(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isUsage, areCandidates) = (reader.Is("usageMetadata"u8), reader.Is("candidates"u8));
            reader.Read();
            if (isUsage)
            {
                facts.Usage = UsageMetadata.Read(ref reader) ?? facts.Usage;
            }
            else if (areCandidates && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadCandidate(ref reader, ref facts);
                }
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadCandidate(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        var (index, isFinished) = (0, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isContent, isReason, isIndex) = (reader.Is("content"u8), reader.Is("finishReason"u8), reader.Is("index"u8));
            reader.Read();
            if (isContent)
            {
                Count(ref reader, ref facts);
            }
            else if (isReason)
            {
                isFinished = reader.TokenType is JsonTokenType.String or JsonTokenType.Number;
            }
            else if (isIndex)
            {
                _ = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out index);
            }

            reader.Skip();
        }

        facts.Finished |= isFinished && index is >= 0 and < 128 ? UInt128.One << index : 0;
    }

    // Words and arguments are strings; so are pictures, and signatures, which are not said.
    private static void Count(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        var depth = reader.CurrentDepth;
        var (isSaid, isWord) = (false, false);
        while (reader.TokenType is not JsonTokenType.EndObject || reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                isSaid = !reader.Is("thoughtSignature"u8) && !reader.Is("role"u8);
                isWord = isSaid && !reader.Is("data"u8) && !reader.Is("mimeType"u8);
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                facts.TextBytes += isSaid ? reader.ValueSpan.Length : 0;
                facts.WordBytes += isWord ? reader.ValueSpan.Length : 0;
            }

            if (!reader.Read())
            {
                return;
            }
        }
    }
}
