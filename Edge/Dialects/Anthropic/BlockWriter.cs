using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Writes one content block.</summary>
internal static class BlockWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(ContentPart part, Utf8JsonWriter writer, Losses losses)
    {
        if (part is ForeignPart || part is MediaPart { Medium: Medium.Audio })
        {
            throw new DialectFaultException("Anthropic's dialect has no such part.", part.Origin);
        }

        if (part is MediaPart { Text.IsNothing: true, Data.IsEmpty: true, Url.IsNothing: true })
        {
            throw new DialectFaultException("The id of a file is known only to who keeps it: send its data or its address.", part.Origin);
        }

        writer.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                WriteText(text.Text, writer);
                break;
            case RefusalPart refusal:
                WriteText(refusal.Text, writer);
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
            case MediaPart media:
                WriteMedia(media, writer, losses);
                break;
        }

        part.CacheControl.WriteTo(writer, "cache_control"u8);
        writer.WriteEndObject();
    }

    private static void WriteText(Json text, Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "text"u8);
        text.WriteTo(writer, "text"u8);
    }

    private static void WriteCall(ToolCallPart call, Utf8JsonWriter writer)
    {
        var input = JsonText.InputObject(call.Input);
        if (input.IsNothing)
        {
            throw new DialectFaultException("The arguments of a tool's call must be a JSON object in Anthropic's dialect.", call.Origin);
        }

        writer.WriteString("type"u8, "tool_use"u8);
        (call.Id.HasText ? call.Id : throw new DialectFaultException("A tool's call must have an id.", call.Origin)).WriteTo(writer, "id"u8);
        call.Name.WriteTo(writer, "name"u8);
        input.WriteTo(writer, "input"u8);
    }

    private static void WriteResult(ToolResultPart result, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteString("type"u8, "tool_result"u8);
        result.CallId.WriteTo(writer, "tool_use_id"u8);
        if (result.Parts is [TextPart { CacheControl.IsNothing: true } only])
        {
            only.Text.WriteTo(writer, "content"u8);
        }
        else if (result.Parts.Count > 0)
        {
            writer.WriteStartArray("content"u8);
            foreach (var part in result.Parts)
            {
                Write(part, writer, losses);
            }

            writer.WriteEndArray();
        }

        result.IsError.WriteTo(writer, "is_error"u8);
    }

    private static void WriteThought(ReasoningPart thought, Utf8JsonWriter writer)
    {
        if (thought.Redacted.HasText)
        {
            writer.WriteString("type"u8, "redacted_thinking"u8);
            thought.Redacted.WriteTo(writer, "data"u8);
            return;
        }

        writer.WriteString("type"u8, "thinking"u8);
        (thought.Text.IsNothing ? JsonText.Empty : thought.Text).WriteTo(writer, "thinking"u8);
        (thought.Signature.IsNothing ? JsonText.Empty : thought.Signature).WriteTo(writer, "signature"u8);
    }

    private static void WriteMedia(MediaPart media, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteString("type"u8, media.Medium is Medium.Image ? "image"u8 : "document"u8);
        if (!media.Detail.IsNothing && !media.Detail.Is("auto"u8))
        {
            losses.Add(media.Detail, "Anthropic's dialect does not say how closely an image is looked at");
        }

        writer.WriteStartObject("source"u8);
        if (!media.Text.IsNothing)
        {
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("media_type"u8, "text/plain"u8);
            media.Text.WriteTo(writer, "data"u8);
        }
        else if (media.Url.IsNothing)
        {
            writer.WriteString("type"u8, "base64"u8);
            writer.WriteString("media_type"u8, media.Type.Span);
            writer.WriteString("data"u8, media.Data.Span);
        }
        else
        {
            writer.WriteString("type"u8, "url"u8);
            media.Url.WriteTo(writer, "url"u8);
        }

        writer.WriteEndObject();
        if (media.Medium is Medium.Document)
        {
            media.Name.WriteTo(writer, "title"u8);
        }
    }
}
