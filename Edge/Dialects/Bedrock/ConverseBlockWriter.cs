using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>Writes one content block, and the point of caching behind it where it is marked.</summary>
internal static class ConverseBlockWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(ContentPart part, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                text.Text.WriteTo(writer, "text"u8);
                break;
            case RefusalPart refusal:
                refusal.Text.WriteTo(writer, "text"u8);
                break;
            case MediaPart media:
                WriteMedia(media, writer, losses);
                break;
            case ToolCallPart call:
                WriteCall(call, writer);
                break;
            case ToolResultPart result:
                WriteResult(result, writer, losses);
                break;
            case ReasoningPart thought:
                WriteThought(thought, writer);
                break;
            default:
                throw new DialectFaultException("It has no counterpart in Bedrock's dialect.", part.Origin);
        }

        writer.WriteEndObject();
        WriteCachePoint(part.CacheControl, writer);
    }

    /// <summary>Writes the point up to which is worth keeping, where there is a mark.</summary>
    public static void WriteCachePoint(Json mark, Utf8JsonWriter writer)
    {
        if (!mark.IsNothing)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("cachePoint"u8);
            writer.WriteString("type"u8, "default"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    private static void WriteCall(ToolCallPart call, Utf8JsonWriter writer)
    {
        var input = JsonText.InputObject(call.Input);
        writer.WriteStartObject("toolUse"u8);
        (call.Id.HasText ? call.Id : throw new DialectFaultException("A tool's call must have an id.", call.Origin)).WriteTo(writer, "toolUseId"u8);
        call.Name.WriteTo(writer, "name"u8);
        (input.IsNothing ? throw new DialectFaultException("The arguments of a tool's call must be a JSON object in Bedrock's dialect.", call.Origin) : input).WriteTo(writer, "input"u8);
        writer.WriteEndObject();
    }

    private static void WriteResult(ToolResultPart result, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject("toolResult"u8);
        result.CallId.WriteTo(writer, "toolUseId"u8);
        writer.WriteStartArray("content"u8);
        foreach (var part in result.Parts)
        {
            Write(part, writer, losses);
        }

        writer.WriteEndArray();
        if (result.IsError.IsTrue)
        {
            writer.WriteString("status"u8, "error"u8);
        }

        writer.WriteEndObject();
    }

    private static void WriteThought(ReasoningPart thought, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("reasoningContent"u8);
        if (thought.Redacted.HasText)
        {
            thought.Redacted.WriteTo(writer, "redactedContent"u8);
        }
        else
        {
            writer.WriteStartObject("reasoningText"u8);
            (thought.Text.IsNothing ? JsonText.Empty : thought.Text).WriteTo(writer, "text"u8);
            thought.Signature.WriteTo(writer, "signature"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteMedia(MediaPart media, Utf8JsonWriter writer, Losses losses)
    {
        if (media.Text.IsNothing && media.Data.IsEmpty)
        {
            throw new DialectFaultException("Bedrock's dialect takes files only by their data.", media.Origin);
        }

        if (!media.Detail.IsNothing && !media.Detail.Is("auto"u8))
        {
            losses.Add(media.Detail, "Bedrock's dialect does not say how closely an image is looked at");
        }

        var isDocument = media.Medium is Medium.Document;
        writer.WriteStartObject(isDocument ? "document"u8 : media.Medium is Medium.Image ? "image"u8 : "audio"u8);
        writer.WriteString("format"u8, FormatOf(media));
        if (isDocument)
        {
            writer.WriteString("name"u8, NameOf(media.Name));
        }

        writer.WriteStartObject("source"u8);
        if (media.Text.IsNothing)
        {
            writer.WriteString("bytes"u8, media.Data.Span);
        }
        else
        {
            media.Text.WriteTo(writer, "text"u8);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // The dialect names formats by the ending that files of it have.
    private static string FormatOf(MediaPart media)
    {
        if (!media.Text.IsNothing)
        {
            return "txt";
        }

        var type = Encoding.UTF8.GetString(media.Type.Span);
        return type switch
        {
            "text/plain" => "txt",
            "text/markdown" => "md",
            "application/msword" => "doc",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
            "application/vnd.ms-excel" => "xls",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
            "image/jpg" => "jpeg",
            _ => type[(type.IndexOf('/', StringComparison.Ordinal) + 1)..],
        };
    }

    // Letters, digits, blanks, hyphens and brackets alone.
    private static string NameOf(Json name)
    {
        var text = new string([.. name.ForPerson().Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '(' or ')' or '[' or ']' ? c : ' ')]).Trim();
        while (text.Contains("  ", StringComparison.Ordinal))
        {
            text = text.Replace("  ", " ", StringComparison.Ordinal);
        }

        return text.Length == 0 ? "document" : text.Length > 200 ? text[..200] : text;
    }
}
