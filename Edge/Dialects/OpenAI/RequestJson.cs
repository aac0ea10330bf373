using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>What a request's body must be as JSON, and how it is told that it is not.</summary>
internal static class RequestJson
{
    private const int Deepest = 64;

    /// <summary>How it is read.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = Deepest };

    public static readonly RequestFault NotUtf8 = new("The request body is not valid JSON: its text is not UTF-8.", null);

    public static readonly RequestFault NoObject = new("The request body must be a JSON object.", null);

    /// <summary>What is wrong where the reader stopped.</summary>
    public static RequestFault Judge(JsonException stop, in Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var place = $"line {stop.LineNumber + 1}, byte {stop.BytePositionInLine + 1}";
        return EndsAtTheDeepest(reader, body)
            ? new RequestFault($"The request body is nested deeper than {Deepest}, at {place}.", null)
            : new RequestFault($"The request body is not valid JSON, at {place}.", null);
    }

    // The reader tells a limit of depth in the same exception as a mistake; where it stopped shows which it is. It counts an array or object that it has just entered one less.
    private static bool EndsAtTheDeepest(in Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var depth = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
        return depth >= Deepest && body[(int)reader.BytesConsumed..].TrimStart(", \t\r\n"u8) is [(byte)'[' or (byte)'{', ..];
    }
}
