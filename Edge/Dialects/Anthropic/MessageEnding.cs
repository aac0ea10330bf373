using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>The end of a stream that the gateway cuts, as the provider writes it whose cap is reached: the open block's end, <c>stop_reason: max_tokens</c> with usage, <c>message_stop</c>.</summary>
internal static class MessageEnding
{
    /// <summary>Writes the events.</summary>
    public static byte[] Write(in StreamCut cut)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        var index = OpenBlock(cut.Last);
        if (index >= 0)
        {
            buffer.Write("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
            SseLines.Write(buffer, index);
            buffer.Write("}\n\n"u8);
        }

        buffer.Write("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\",\"stop_sequence\":null},\"usage\":"u8);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            MessageWriter.WriteUsage(cut.Usage ?? default, writer);
        }

        buffer.Write("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    // A stream goes beyond its bound with a piece of a block.
    private static long OpenBlock(ReadOnlyMemory<byte> last)
    {
        var fields = Json.TryRead(last, out _) is { IsNothing: false } json ? json.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is("index"u8) && fields.Value.IsNumber)
            {
                return fields.Value.Whole() ?? -1;
            }
        }

        return -1;
    }
}
