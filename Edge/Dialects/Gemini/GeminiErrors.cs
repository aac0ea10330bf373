using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Targets;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Errors in the form that Google's clients understand: <c>{"error": {"code", "message", "status"}}</c> (https://cloud.google.com/apis/design/errors).</summary>
internal static class GeminiErrors
{
    /// <summary>The body of an error.</summary>
    public static byte[] Write(int status, string message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error"u8);
            writer.WriteNumber("code"u8, status);
            writer.WriteString("message"u8, message);
            writer.WriteString("status"u8, WordOf(status));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a provider's error: its name is <c>status</c>, which others of the kind do not have.</summary>
    public static Failure Read(int status, ReadOnlyMemory<byte> body)
    {
        var failure = ChatFailures.Read(status, body);
        var word = Json.TryRead(body, out _).Find("error"u8).Find("status"u8);
        return word.HasText ? failure with { Code = word.ForPerson() } : failure;
    }

    /// <summary>The wait that an error tells in its details: <c>google.rpc.RetryInfo</c> (https://cloud.google.com/apis/design/errors#error_details).</summary>
    public static TimeSpan? ReadRetryDelay(ReadOnlyMemory<byte> body)
    {
        try
        {
            for (var details = Json.TryRead(body, out _).Find("error"u8).Find("details"u8).Items(); details.Next();)
            {
                var detail = details.Value;
                if (detail.Find("@type"u8).Is("type.googleapis.com/google.rpc.RetryInfo"u8) && detail.Find("retryDelay"u8) is { HasText: true } delay)
                {
                    return ProviderRates.ReadReset(delay.ForPerson(), default);
                }
            }
        }
        catch (DialectFaultException)
        {
            // An error may be anything.
        }

        return null;
    }

    private static string WordOf(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 or 501 => "UNIMPLEMENTED",
        409 => "ABORTED",
        402 or 429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        502 or 503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
}
