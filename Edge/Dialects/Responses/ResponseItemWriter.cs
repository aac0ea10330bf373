using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Writes turns as the items of a request: a message for what is said at once, an item for each call of a function and for what it gave.</summary>
internal static class ResponseItemWriter
{
    /// <summary>Writes all.</summary>
    public static void Write(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray("input"u8);
        foreach (var turn in turns)
        {
            losses.Add(turn.Name, "the responses dialect has no names for who speaks");
            Write(turn, writer, losses);
        }

        writer.WriteEndArray();
    }

    private static void Write(Turn turn, Utf8JsonWriter writer, Losses losses)
    {
        var role = turn.Role is Role.System ? "system"u8 : turn.Role is Role.User ? "user"u8 : "assistant"u8;
        var isOpen = false;
        foreach (var part in turn.Parts)
        {
            ChatMessageWriter.LoseCache(part.CacheControl, losses);
            if (part is ReasoningPart or ForeignPart)
            {
                losses.Add(part.Origin, part is ReasoningPart ? "earlier reasoning is known only to the provider that made it" : "it has no counterpart in the responses dialect");
                continue;
            }

            if (part is ToolCallPart or ToolResultPart)
            {
                EndMessage(ref isOpen, writer);
                WriteTool(part, writer, losses);
                continue;
            }

            if (!isOpen)
            {
                isOpen = true;
                writer.WriteStartObject();
                writer.WriteString("type"u8, "message"u8);
                writer.WriteString("role"u8, role);
                writer.WriteStartArray("content"u8);
            }

            WritePart(part, turn.Role is Role.Assistant, writer, losses);
        }

        EndMessage(ref isOpen, writer);
    }

    private static void EndMessage(ref bool isOpen, Utf8JsonWriter writer)
    {
        if (isOpen)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
            isOpen = false;
        }
    }

    private static void WriteTool(ContentPart part, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        if (part is ToolCallPart call)
        {
            writer.WriteString("type"u8, "function_call"u8);
            call.Id.WriteTo(writer, "call_id"u8);
            call.Name.WriteTo(writer, "name"u8);
            JsonText.WriteInputText(writer, "arguments"u8, call.Input);
        }
        else if (part is ToolResultPart result)
        {
            if (result.IsError.IsTrue)
            {
                losses.Add(result.IsError, "the responses dialect does not tell that a tool failed");
            }

            writer.WriteString("type"u8, "function_call_output"u8);
            result.CallId.WriteTo(writer, "call_id"u8);
            if (result.Parts.TrueForAll(static p => p is TextPart))
            {
                JsonText.Join(result.Parts).WriteTo(writer, "output"u8);
            }
            else
            {
                writer.WriteStartArray("output"u8);
                foreach (var given in result.Parts)
                {
                    WritePart(given, isSaid: false, writer, losses);
                }

                writer.WriteEndArray();
            }
        }

        writer.WriteEndObject();
    }

    private static void WritePart(ContentPart part, bool isSaid, Utf8JsonWriter writer, Losses losses)
    {
        switch (part)
        {
            case TextPart text:
                if (text.Citations is not null)
                {
                    losses.Add("citations", "they are not sent with what was said before");
                }

                WriteText(text.Text, isSaid, writer);
                break;
            case RefusalPart refusal when isSaid:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "refusal"u8);
                refusal.Text.WriteTo(writer, "refusal"u8);
                writer.WriteEndObject();
                break;
            case RefusalPart refusal:
                WriteText(refusal.Text, isSaid, writer);
                break;
            case MediaPart media when !isSaid:
                WriteMedia(media, writer, losses);
                break;
            default:
                throw new DialectFaultException("The responses dialect has no such part here.", part.Origin);
        }
    }

    private static void WriteText(Json text, bool isSaid, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, isSaid ? "output_text"u8 : "input_text"u8);
        text.WriteTo(writer, "text"u8);
        writer.WriteEndObject();
    }

    private static void WriteMedia(MediaPart media, Utf8JsonWriter writer, Losses losses)
    {
        if (!media.File.IsNothing)
        {
            throw new DialectFaultException("A file by its id cannot be sent to a provider of another dialect: send its data or its address.", media.Origin);
        }

        if (!media.Text.IsNothing)
        {
            losses.Add(media.Name, "a document of text is sent as text in the responses dialect");
            WriteText(media.Text, isSaid: false, writer);
            return;
        }

        writer.WriteStartObject();
        if (media.Medium is Medium.Image)
        {
            writer.WriteString("type"u8, "input_image"u8);
            WriteSource(media, "image_url"u8, "image_url"u8, writer);
            media.Detail.WriteTo(writer, "detail"u8);
        }
        else if (media.Medium is Medium.Audio)
        {
            writer.WriteString("type"u8, "input_audio"u8);
            writer.WriteStartObject("input_audio"u8);
            writer.WriteString("data"u8, media.Data.Span);
            writer.WriteString("format"u8, media.Type.Span);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("type"u8, "input_file"u8);
            if (media.Url.IsNothing)
            {
                (media.Name.HasText ? media.Name : Json.OfPlain("document.pdf"u8)).WriteTo(writer, "filename"u8);
            }

            WriteSource(media, "file_url"u8, "file_data"u8, writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteSource(MediaPart media, ReadOnlySpan<byte> address, ReadOnlySpan<byte> data, Utf8JsonWriter writer)
    {
        if (media.Url.IsNothing)
        {
            JsonText.WriteDataUrl(writer, data, media.Type.Span, media.Data.Span);
        }
        else
        {
            media.Url.WriteTo(writer, address);
        }
    }
}
