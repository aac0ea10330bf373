using System.Buffers;
using System.Text.Json;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>The end of a stream that the gateway cuts, as a provider writes it whose cap is reached: <c>finish_reason: length</c>, usage where it was asked for, <c>[DONE]</c>.</summary>
internal static class StreamEnding
{
    /// <summary>Writes the events.</summary>
    /// <param name="last">The data of the last event, whose id, model and time those of the end share.</param>
    /// <param name="answers">Answers asked for.</param>
    /// <param name="finished">Those that have ended already, a bit each.</param>
    /// <param name="usage">What is charged; null: the caller did not ask for it.</param>
    public static byte[] Write(ReadOnlySpan<byte> last, long answers, UInt128 finished, TokenCounts? usage)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        for (var index = 0; index < Math.Min(answers, StreamBound.MostAnswers); index++)
        {
            if ((finished & (UInt128.One << index)) == 0)
            {
                WriteEvent(buffer, last, index, null);
            }
        }

        if (usage is not null)
        {
            WriteEvent(buffer, last, null, usage);
        }

        buffer.Write("data: [DONE]\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteEvent(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> last, int? index, TokenCounts? usage)
    {
        buffer.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            CopyNames(writer, last);
            writer.WriteStartArray("choices"u8);
            if (index is { } answer)
            {
                writer.WriteStartObject();
                writer.WriteNumber("index"u8, answer);
                writer.WriteStartObject("delta"u8);
                writer.WriteEndObject();
                writer.WriteString("finish_reason"u8, "length"u8);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (usage is { } counts)
            {
                writer.WriteStartObject("usage"u8);
                writer.WriteNumber("prompt_tokens"u8, counts.Input);
                writer.WriteNumber("completion_tokens"u8, counts.Output);
                writer.WriteNumber("total_tokens"u8, counts.Input + counts.Output);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        buffer.Write("\n\n"u8);
    }

    private static void CopyNames(Utf8JsonWriter writer, ReadOnlySpan<byte> last)
    {
        var reader = new Utf8JsonReader(last, new JsonReaderOptions { MaxDepth = AnswerFacts.Deepest });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = NameOf(reader);
                reader.Read();
                if (!name.IsEmpty && reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(Part.Of(reader).In(last));
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Words can be read from an event that is no JSON at its end; its names up to there are as good.
        }
    }

    private static ReadOnlySpan<byte> NameOf(in Utf8JsonReader reader) => reader.Is("id"u8) ? "id"u8
        : reader.Is("object"u8) ? "object"u8
        : reader.Is("created"u8) ? "created"u8
        : reader.Is("model"u8) ? "model"u8
        : reader.Is("system_fingerprint"u8) ? "system_fingerprint"u8
        : default;
}
