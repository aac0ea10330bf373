using System.Text;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads errors of OpenAI and of the compatible providers, which write them in many ways.</summary>
internal static class ChatFailures
{
    private const int Longest = 2000;

    /// <summary>Reads a body, which may be no JSON at all.</summary>
    public static Failure Read(int status, ReadOnlyMemory<byte> body)
    {
        var json = Json.TryRead(Trim(body), out _);
        return json.IsNothing ? new Failure(status, OfText(status, body.Span)) : Read(status, json);
    }

    /// <summary>Reads the object that tells it, or that holds the one that does.</summary>
    public static Failure Read(int status, Json json)
    {
        var failure = new Failure(status, "");
        var fields = json.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            failure = fields.NameText switch
            {
                "error" when value.IsObject => Read(status, value),
                "error" or "message" or "detail" when value.IsString => failure with { Message = Text(value) },
                "message" or "detail" or "errors" when !value.IsNothing && failure.Message.Length == 0 => failure with { Message = Shorten(value.ToString()) },
                "code" when value.IsString => failure with { Code = Text(value) },
                "code" when value.IsNumber && value.Value() is >= 400 and < 600 and var number => failure with { Status = status < 400 ? (int)number : status },
                "type" when value.IsString && failure.Code is null => failure with { Code = Text(value) },
                "param" when value.IsString => failure with { Field = Text(value) },
                _ => failure,
            };
        }

        return failure.Message.Length > 0 ? failure : failure with { Message = $"The model's provider answered with status {status}." };
    }

    private static string Text(Json value) => Shorten(value.ForPerson());

    private static string OfText(int status, ReadOnlySpan<byte> body) => body.IsEmpty || body.TrimStart(" \r\n\t"u8) is [(byte)'<', ..]
        ? $"The model's provider answered with status {status}."
        : Shorten(Encoding.UTF8.GetString(body[..Math.Min(body.Length, Longest)]));

    // Some wrap the object in a list.
    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> body)
    {
        var trimmed = body.Trim(" \r\n\t"u8);
        return trimmed.Span is [(byte)'[', .., (byte)']'] ? trimmed[1..^1].Trim(" \r\n\t"u8) : trimmed;
    }

    private static string Shorten(string text) => text.Length <= Longest ? text : $"{text[..Longest]}…";
}
