using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>The end of a stream that the gateway cuts: one event with <c>finishReason: MAX_TOKENS</c> of each answer that had not ended, and what is charged.</summary>
internal static class GenerateEnding
{
    /// <summary>Writes the event.</summary>
    public static byte[] Write(in StreamCut cut)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("candidates"u8);
            for (var index = 0; index < Math.Min(cut.Answers, StreamBound.MostAnswers); index++)
            {
                if ((cut.Finished & (UInt128.One << index)) == 0)
                {
                    writer.WriteStartObject();
                    writer.WriteString("finishReason"u8, FinishReasons.Write(StopReason.Length));
                    writer.WriteNumber("index"u8, index);
                    writer.WriteEndObject();
                }
            }

            writer.WriteEndArray();
            if (cut.Usage is { } usage)
            {
                writer.WritePropertyName("usageMetadata"u8);
                UsageMetadata.Write(usage, writer);
            }

            WriteNames(cut.Last, writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteNames(ReadOnlyMemory<byte> last, Utf8JsonWriter writer)
    {
        var fields = Json.TryRead(last, out _) is { IsNothing: false } json ? json.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is("modelVersion"u8) || fields.Is("responseId"u8))
            {
                fields.Value.WriteTo(writer, fields.Name);
            }
        }
    }
}
