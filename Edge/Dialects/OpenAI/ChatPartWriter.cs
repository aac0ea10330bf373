using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Writes one part of what a user or the system says.</summary>
internal static class ChatPartWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(ContentPart part, Utf8JsonWriter writer, Losses losses)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(text.Text, writer);
                break;
            case RefusalPart refusal:
                WriteText(refusal.Text, writer);
                break;
            case MediaPart { Medium: Medium.Image } image:
                WriteImage(image, writer);
                break;
            case MediaPart { Medium: Medium.Audio } sound:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "input_audio"u8);
                writer.WriteStartObject("input_audio"u8);
                writer.WriteString("data"u8, sound.Data.Span);
                writer.WriteString("format"u8, sound.Type.Span);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case MediaPart document:
                WriteDocument(document, writer, losses);
                break;
            default:
                throw new DialectFaultException("It has no counterpart in OpenAI's dialect.", part.Origin);
        }
    }

    private static void WriteText(Json text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        text.WriteTo(writer, "text"u8);
        writer.WriteEndObject();
    }

    private static void WriteImage(MediaPart image, Utf8JsonWriter writer)
    {
        if (!image.File.IsNothing)
        {
            throw new DialectFaultException("An image by the id of a file cannot be sent to a provider of another dialect: send its data or its address.", image.Origin);
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "image_url"u8);
        writer.WriteStartObject("image_url"u8);
        if (image.Url.IsNothing)
        {
            JsonText.WriteDataUrl(writer, "url"u8, image.Type.Span, image.Data.Span);
        }
        else
        {
            image.Url.WriteTo(writer, "url"u8);
        }

        image.Detail.WriteTo(writer, "detail"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteDocument(MediaPart document, Utf8JsonWriter writer, Losses losses)
    {
        if (!document.Text.IsNothing)
        {
            losses.Add(document.Name, "a document of text is sent as text in OpenAI's dialect");
            WriteText(document.Text, writer);
            return;
        }

        if (document.Data.IsEmpty)
        {
            throw new DialectFaultException("A document must be sent with its data to a provider of OpenAI's dialect, not by an address or the id of a file.", document.Origin);
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "file"u8);
        writer.WriteStartObject("file"u8);
        (document.Name.HasText ? document.Name : Json.OfPlain("document.pdf"u8)).WriteTo(writer, "filename"u8);
        JsonText.WriteDataUrl(writer, "file_data"u8, document.Type.Span, document.Data.Span);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
