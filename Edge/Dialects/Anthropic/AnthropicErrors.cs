using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Errors in the form that Anthropic's clients understand: <c>{"type": "error", "error": {"type", "message"}, "request_id"}</c> (https://docs.anthropic.com/en/api/errors).</summary>
internal static class AnthropicErrors
{
    /// <summary>The body of an error.</summary>
    public static byte[] Write(int status, string message, string? requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "error"u8);
            writer.WriteStartObject("error"u8);
            writer.WriteString("type"u8, TypeOf(status));
            writer.WriteString("message"u8, message);
            writer.WriteEndObject();
            if (requestId is not null)
            {
                writer.WriteString("request_id"u8, requestId);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The event that ends a stream which cannot go on.</summary>
    public static byte[] WriteEvent(int status, string message) => [.. "event: error\ndata: "u8, .. Write(status, message, null), .. "\n\n"u8];

    /// <summary>Reads the object <c>error</c>, or what holds it; of a stream, where there is no status, the type tells it.</summary>
    public static Failure Read(int status, Json json)
    {
        var (type, message, inner) = (default(Json), default(Json), default(Json));
        var fields = json.Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value : type;
            message = fields.Is("message"u8) ? fields.Value : message;
            inner = fields.Is("error"u8) ? fields.Value : inner;
        }

        if (inner.IsObject)
        {
            return Read(status, inner);
        }

        var word = type.ForPerson();
        var told = message.IsString ? message.ForPerson() : $"The model's provider answered with status {status}.";
        return new Failure(status >= 400 ? status : StatusOf(word), told, word.Length == 0 ? null : word);
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    private static int StatusOf(string type) => type switch
    {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };
}
