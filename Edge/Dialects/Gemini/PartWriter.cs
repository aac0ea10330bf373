using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Writes one part of a content.</summary>
internal static class PartWriter
{
    /// <summary>Writes what is neither the call of a function nor what one gave.</summary>
    public static void Write(ContentPart part, Utf8JsonWriter writer, Losses losses)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(text, writer, losses);
                break;
            case RefusalPart refusal:
                writer.WriteStartObject();
                refusal.Text.WriteTo(writer, "text"u8);
                writer.WriteEndObject();
                break;
            case MediaPart media:
                LoseCache(media.CacheControl, losses);
                WriteMedia(media, writer, losses);
                break;
            default:
                throw new DialectFaultException("It has no counterpart in Gemini's dialect.", part.Origin);
        }
    }

    /// <summary>Writes text, with what proves the reasoning before it.</summary>
    public static void WriteText(TextPart text, Utf8JsonWriter writer, Losses losses, Json signature = default)
    {
        LoseCache(text.CacheControl, losses);
        writer.WriteStartObject();
        text.Text.WriteTo(writer, "text"u8);
        signature.WriteTo(writer, "thoughtSignature"u8);
        writer.WriteEndObject();
    }

    /// <summary>Writes the call of a function, with what proves the reasoning before it.</summary>
    /// <exception cref="DialectFaultException">Its arguments are no JSON object.</exception>
    public static void WriteCall(ToolCallPart call, Json id, Json signature, Utf8JsonWriter writer)
    {
        var input = JsonText.InputObject(call.Input);
        if (input.IsNothing)
        {
            throw new DialectFaultException("The arguments of a tool's call must be a JSON object in Gemini's dialect.", call.Origin);
        }

        writer.WriteStartObject();
        writer.WriteStartObject("functionCall"u8);
        id.WriteTo(writer, "id"u8);
        call.Name.WriteTo(writer, "name"u8);
        input.WriteTo(writer, "args"u8);
        writer.WriteEndObject();
        signature.WriteTo(writer, "thoughtSignature"u8);
        writer.WriteEndObject();
    }

    /// <summary>Writes what a function gave: an object as it is, other text within one.</summary>
    public static void WriteResult(ToolResultPart result, Json name, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionResponse"u8);
        result.CallId.WriteTo(writer, "id"u8);
        name.WriteTo(writer, "name"u8);
        var text = JsonText.Join(result.Parts);
        var given = result.IsError.IsNothing ? Json.TryRead(text.Unescape(), out _) : default;
        if (given.IsNothing)
        {
            writer.WriteStartObject("response"u8);
            text.WriteTo(writer, result.IsError.IsNothing ? "output"u8 : "error"u8);
            writer.WriteEndObject();
        }
        else
        {
            given.WriteTo(writer, "response"u8);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Tells that a mark to keep what came up to here is left out.</summary>
    public static void LoseCache(Json mark, Losses losses) => losses.Add(mark, "Gemini's dialect has no marks of what to keep, its providers keep it by themselves");

    private static void WriteMedia(MediaPart media, Utf8JsonWriter writer, Losses losses)
    {
        if (!media.Detail.IsNothing && !media.Detail.Is("auto"u8))
        {
            losses.Add(media.Detail, "Gemini's dialect does not say so for one image");
        }

        writer.WriteStartObject();
        if (!media.Text.IsNothing)
        {
            media.Text.WriteTo(writer, "text"u8);
        }
        else if (!media.Data.IsEmpty)
        {
            writer.WriteStartObject("inlineData"u8);
            WriteType(media, writer);
            writer.WriteString("data"u8, media.Data.Span);
            writer.WriteEndObject();
        }
        else if (!media.Url.IsNothing)
        {
            writer.WriteStartObject("fileData"u8);
            var type = MediaTypes.OfAddress(media.Url.Unescape().Span);
            if (!type.IsEmpty)
            {
                writer.WriteString("mimeType"u8, type);
            }

            media.Url.WriteTo(writer, "fileUri"u8);
            writer.WriteEndObject();
        }
        else
        {
            throw new DialectFaultException("The id of a file is known only to who keeps it: send its data or its address.", media.Origin);
        }

        writer.WriteEndObject();
    }

    private static void WriteType(MediaPart media, Utf8JsonWriter writer)
    {
        if (media.Medium is Medium.Audio)
        {
            writer.WriteString("mimeType"u8, $"audio/{Encoding.UTF8.GetString(media.Type.Span)}");
        }
        else
        {
            writer.WriteString("mimeType"u8, media.Type.Span);
        }
    }
}
