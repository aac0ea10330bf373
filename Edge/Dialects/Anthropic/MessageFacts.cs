using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>What the gateway reads from a message, or from one event of it, that passes untouched. Usage comes in two events: each tells a part of it.</summary>
internal static class MessageFacts
{
    /// <summary>Of what was told before and now: of each count the greater one, for each tells all so far.</summary>
    public static TokenCounts? Merge(TokenCounts? before, TokenCounts? now) => before is { } a && now is { } b
        ? new TokenCounts(
            Math.Max(a.Input, b.Input),
            Math.Max(a.CachedRead, b.CachedRead),
            Math.Max(a.CacheWrite, b.CacheWrite),
            Math.Max(a.InputImage, b.InputImage),
            Math.Max(a.InputAudio, b.InputAudio),
            Math.Max(a.Output, b.Output),
            Math.Max(a.Reasoning, b.Reasoning),
            Math.Max(a.OutputAudio, b.OutputAudio))
        : now ?? before;

    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => AnswerFacts.ReadObject(json, ReadFields);

    // Of the event, and of the message and the delta in it.
    private static void ReadFields(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("usage"u8))
            {
                reader.Read();
                facts.Usage = TokenUsage.Read(ref reader) ?? facts.Usage;
            }
            else if (reader.Is("message"u8) || reader.Is("delta"u8) || reader.Is("content_block"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadFields(ref reader, ref facts);
                }
            }
            else if (reader.Is("content"u8))
            {
                reader.Read();
                ReadContent(ref reader, ref facts);
            }
            else if (IsWords(reader))
            {
                reader.Read();
                Count(reader, ref facts);
                reader.Skip();
            }
            else if (reader.Is("stop_reason"u8))
            {
                reader.Read();
                facts.Finished = reader.TokenType == JsonTokenType.String ? UInt128.One : facts.Finished;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void ReadContent(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            Count(reader, ref facts);
        }
    }

    private static bool IsWords(in Utf8JsonReader reader) => reader.Is("text"u8) || reader.Is("partial_json"u8) || reader.Is("thinking"u8);

    private static void Count(in Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            facts.TextBytes += reader.ValueSpan.Length;
            facts.WordBytes += reader.ValueSpan.Length;
        }
    }
}
