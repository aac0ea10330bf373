using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>The last event of a stream that cannot go on.</summary>
internal static class ResponseEnding
{
    /// <summary>Of one that the gateway cuts at its cap: <c>response.incomplete</c>, with what is charged.</summary>
    public static byte[] Write(in StreamCut cut)
    {
        var (response, number) = Find(cut.Last);
        var output = new ArrayBufferWriter<byte>(512);
        output.Write("event: response.incomplete\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "response.incomplete"u8);
            writer.WriteNumber("sequence_number"u8, number + 1);
            writer.WriteStartObject("response"u8);
            ResponseWriter.WriteHead(response.Id, response.Model, response.Created, StopReason.Length, "incomplete"u8, writer);
            writer.WriteStartArray("output"u8);
            writer.WriteEndArray();
            ResponseWriter.WriteTail(cut.Usage, writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Of one whose provider failed.</summary>
    public static byte[] WriteError(Failure failure)
    {
        var output = new ArrayBufferWriter<byte>(256);
        output.Write("event: error\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "error"u8);
            writer.WriteString("code"u8, failure.Code);
            writer.WriteString("message"u8, failure.Message);
            writer.WriteString("param"u8, failure.Field);
            writer.WriteNumber("sequence_number"u8, 0);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    // The first event of a stream has the response, any has its number.
    private static (ResponseFields Response, long Number) Find(ReadOnlyMemory<byte> data)
    {
        var (response, number) = (default(ResponseFields), 0L);
        var fields = Json.TryRead(data, out _) is { IsNothing: false } json ? json.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is("response"u8) && fields.Value.IsObject)
            {
                response = ResponseFields.Of(fields.Value);
            }
            else if (fields.Is("sequence_number"u8) && fields.Value.IsNumber)
            {
                number = (long)(fields.Value.Value() ?? 0);
            }
        }

        return (response, number);
    }
}
