using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Errors in the form that OpenAI's clients understand: <c>{"error": {"message", "type", "param", "code"}}</c>.</summary>
internal static class OpenAIErrors
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of an error.</summary>
    public static byte[] Write(int status, string message, string? code, string? param) => Write(status, message, code, param, type: null);

    /// <summary>The event by which a realtime connection's client is told of an error.</summary>
    public static byte[] WriteRealtimeEvent(int status, string message, string? code) => Write(status, message, code, null, "error");

    /// <summary>The event that ends a stream which cannot go on.</summary>
    public static byte[] WriteEvent(int status, string message, string? code) => [.. "data: "u8, .. Write(status, message, code, null), .. "\n\n"u8];

    private static byte[] Write(int status, string message, string? code, string? param, string? type)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            if (type is not null)
            {
                writer.WriteString("type", type);
            }

            writer.WriteStartObject("error");
            writer.WriteString("message", message);
            writer.WriteString("type", TypeOf(status, code));
            writer.WriteString("param", param);
            writer.WriteString("code", code);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string TypeOf(int status, string? code) => (status, code) switch
    {
        (429, "insufficient_quota") => "insufficient_quota",
        (429, _) => "requests",
        ( >= 500, _) => "server_error",
        _ => "invalid_request_error",
    };
}
