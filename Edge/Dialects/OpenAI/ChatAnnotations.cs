using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary><c>annotations</c>: the addresses on the web that a text is taken from.</summary>
internal static class ChatAnnotations
{
    /// <summary>Gives the last text its sources.</summary>
    public static void Read(Json annotations, List<ContentPart> parts)
    {
        var items = annotations.IsList ? annotations.Items() : default;
        while (items.Next())
        {
            var (url, title) = (default(Json), default(Json));
            var fields = items.Value.IsObject ? items.Value.Fields() : default;
            while (fields.Next())
            {
                var inner = fields.Is("url_citation"u8) && fields.Value.IsObject ? fields.Value.Fields() : default;
                while (inner.Next())
                {
                    url = inner.Is("url"u8) ? inner.Value : url;
                    title = inner.Is("title"u8) ? inner.Value : title;
                }
            }

            if (parts.FindLast(static p => p is TextPart) is TextPart text)
            {
                (text.Citations ??= []).Add(new Citation(url, title, default, items.Value));
            }
        }
    }

    /// <summary>Writes the sources of an answer's texts; places count in the letters of all its text.</summary>
    public static void Write(Utf8JsonWriter writer, List<ContentPart> parts, Losses losses)
    {
        var (isBegun, place) = (false, 0);
        foreach (var part in parts)
        {
            if (part is not TextPart text)
            {
                continue;
            }

            var end = text.Citations is null && !isBegun && !parts.Exists(static p => p is TextPart { Citations: not null }) ? place : place + Encoding.UTF8.GetCharCount(text.Text.Unescape().Span);
            foreach (var citation in text.Citations ?? [])
            {
                if (!citation.Url.IsString)
                {
                    losses.Add("citations", "those of documents have no counterpart in OpenAI's dialect");
                    continue;
                }

                if (!isBegun)
                {
                    writer.WriteStartArray("annotations"u8);
                    isBegun = true;
                }

                Write(writer, citation, place, end);
            }

            place = end;
        }

        if (isBegun)
        {
            writer.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter writer, in Citation citation, int from, int to)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "url_citation"u8);
        writer.WriteStartObject("url_citation"u8);
        writer.WriteNumber("start_index"u8, from);
        writer.WriteNumber("end_index"u8, to);
        citation.Url.WriteTo(writer, "url"u8);
        (citation.Title.IsString ? citation.Title : JsonText.Empty).WriteTo(writer, "title"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
