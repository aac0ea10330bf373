using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>What dialects write alike.</summary>
internal static class JsonText
{
    /// <summary>How bodies are written: readable, and unproven, for their values were proven when they were read.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };

    /// <summary>An object without fields.</summary>
    public static readonly Json EmptyObject = new("{}"u8.ToArray(), -1);

    /// <summary>The schema of an object without fields.</summary>
    public static readonly Json EmptySchema = new("{\"type\":\"object\",\"properties\":{}}"u8.ToArray(), -1);

    /// <summary>A string without text.</summary>
    public static readonly Json Empty = Json.OfPlain(""u8);

    /// <summary>One string of the texts of several parts; an empty one where there are none.</summary>
    public static Json Join(List<ContentPart> parts)
    {
        var (first, length, count) = (Empty, 2, 0);
        foreach (var part in parts)
        {
            if (TextOf(part) is { HasText: true } text)
            {
                first = count++ == 0 ? text : first;
                length += text.Raw.Length - 2;
            }
        }

        if (count < 2)
        {
            return first;
        }

        var joined = new byte[length];
        joined[0] = joined[^1] = (byte)'"';
        var at = 1;
        foreach (var part in parts)
        {
            if (TextOf(part) is { HasText: true } text)
            {
                text.Span[1..^1].CopyTo(joined.AsSpan(at));
                at += text.Raw.Length - 2;
            }
        }

        return new Json(joined, -1);
    }

    /// <summary>A tool's arguments as an object; nothing where they are none.</summary>
    public static Json InputObject(Json input)
    {
        if (input.IsNothing || input.IsEmptyString)
        {
            return EmptyObject;
        }

        return input.IsString ? Json.TryRead(input.Unescape(), out _) with { At = -1 } : input.IsObject ? input : default;
    }

    /// <summary>Writes a tool's arguments as a string that holds an object.</summary>
    public static void WriteInputText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Json input)
    {
        if (input.IsString)
        {
            input.WriteTo(writer, name);
        }
        else
        {
            writer.WriteString(name, input.IsNothing ? "{}"u8 : input.Span);
        }
    }

    /// <summary>A string of this text; what is no text in it is replaced.</summary>
    public static Json OfText(ReadOnlySpan<byte> text) => Json.Of(System.Text.Encoding.UTF8.GetString(text));

    /// <summary>A string that holds a value's own JSON, as arguments are sent in pieces.</summary>
    public static Json Quote(Json value)
    {
        var buffer = new ArrayBufferWriter<byte>(value.Raw.Length + 16);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStringValue(value.Span);
        }

        return new Json(buffer.WrittenMemory, -1);
    }

    /// <summary>An object with one field.</summary>
    public static Json Wrap(ReadOnlySpan<byte> name, Json value) => new((byte[])[.. "{\""u8, .. name, .. "\":"u8, .. value.Span, .. "}"u8], -1);

    /// <summary>Writes a list of texts as a field; nothing where none has a letter.</summary>
    public static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<Json> texts)
    {
        if (!texts.Exists(static t => t.HasText))
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            if (text.HasText)
            {
                text.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes data as an address that holds it.</summary>
    public static void WriteDataUrl(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        writer.WritePropertyName(name);
        writer.WriteStringValueSegment("data:"u8, isFinalSegment: false);
        writer.WriteStringValueSegment(type, isFinalSegment: false);
        writer.WriteStringValueSegment(";base64,"u8, isFinalSegment: false);
        writer.WriteStringValueSegment(data, isFinalSegment: true);
    }

    private static Json TextOf(ContentPart part) => part is TextPart text ? text.Text : default;
}
