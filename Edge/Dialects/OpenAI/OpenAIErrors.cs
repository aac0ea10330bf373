using System.Buffers;
using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Errors in the form that OpenAI's clients understand: <c>{"error": {"message", "type", "param", "code"}}</c>.</summary>
internal static class OpenAIErrors
{
    /// <summary>The body of an error.</summary>
    public static byte[] Write(int status, string message, string? code, string? param)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
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

    /// <summary>The event that ends a stream which cannot go on.</summary>
    public static byte[] WriteEvent(int status, string message, string? code) => [.. "data: "u8, .. Write(status, message, code, null), .. "\n\n"u8];

    private static string TypeOf(int status, string? code) => (status, code) switch
    {
        (429, "insufficient_quota") => "insufficient_quota",
        (429, _) => "requests",
        ( >= 500, _) => "server_error",
        _ => "invalid_request_error",
    };
}
