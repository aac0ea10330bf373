using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// A JSON value as it is written in a body that was proven to be JSON, with its place there. What both dialects have alike goes from one body to the other as these bytes: nothing is
/// decoded but what is looked at. It lives as long as its body does.
/// </summary>
/// <param name="Raw">The bytes, strings with their quotes; empty where there is no value.</param>
/// <param name="At">Where they stand in the body; -1 for what was made.</param>
internal readonly record struct Json(ReadOnlyMemory<byte> Raw, int At)
{
    /// <summary>How deep a body may be nested.</summary>
    public const int Deepest = 200;

    /// <summary>How a body that was proven is read again: as deep as it may be.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = Deepest };

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Raw.Span;

    /// <summary>Whether the field is not there, or null.</summary>
    public bool IsNothing => Raw.IsEmpty || Span[0] == 'n';

    public bool IsString => Span is [(byte)'"', ..];

    public bool IsObject => Span is [(byte)'{', ..];

    public bool IsList => Span is [(byte)'[', ..];

    public bool IsTrue => Span is [(byte)'t', ..];

    public bool IsNumber => Span is [(byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..];

    /// <summary>Whether it is a string without text.</summary>
    public bool IsEmptyString => Span is [(byte)'"', (byte)'"'];

    /// <summary>Whether it is a string with text.</summary>
    public bool HasText => Span is [(byte)'"', _, _, ..];

    /// <summary>Proves that a body is a JSON object.</summary>
    /// <exception cref="DialectFaultException">It is none, or nested deeper than <see cref="Deepest"/>.</exception>
    public static Json OfBody(ReadOnlyMemory<byte> body) => TryRead(body, out var wrong) is { IsNothing: false } json ? json : throw new DialectFaultException(wrong);

    /// <summary>Proves that text is a JSON object; nothing where it is none, with the reason.</summary>
    public static Json TryRead(ReadOnlyMemory<byte> body, out string wrong)
    {
        wrong = "It must be a JSON object.";
        if (!Utf8.IsValid(body.Span))
        {
            wrong = "It is not valid JSON: its text is not UTF-8.";
            return default;
        }

        var reader = new Utf8JsonReader(body.Span, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return default;
            }

            var start = (int)reader.TokenStartIndex;
            while (reader.Read())
            {
            }

            return new Json(body[start..(int)reader.BytesConsumed], start);
        }
        catch (JsonException e)
        {
            wrong = $"It is not valid JSON, or nested deeper than {Deepest}, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";
            return default;
        }
    }

    /// <summary>A string of text without anything that JSON escapes.</summary>
    public static Json OfPlain(ReadOnlySpan<byte> text) => new((byte[])[.. "\""u8, .. text, .. "\""u8], -1);

    /// <summary>A string.</summary>
    public static Json Of(string text) => new(JsonSerializer.SerializeToUtf8Bytes(text), -1);

    /// <summary>A whole number.</summary>
    public static Json Of(long number) => new(Encoding.ASCII.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture)), -1);

    /// <summary>Whether it is the string of this plain text.</summary>
    public bool Is(ReadOnlySpan<byte> text) => IsString && (Span[1..^1].SequenceEqual(text) || (Span.Contains((byte)'\\') && Unescape().Span.SequenceEqual(text)));

    /// <summary>Its fields; none where there is no value.</summary>
    /// <exception cref="DialectFaultException">It is another value than an object.</exception>
    public FieldCursor Fields() => IsNothing || IsObject ? new FieldCursor(this) : throw Wrong("an object");

    /// <summary>The value of its first field of a name; nothing where it has none, or is no object.</summary>
    public Json Find(ReadOnlySpan<byte> name)
    {
        var fields = IsObject ? Fields() : default;
        while (fields.Next())
        {
            if (fields.Is(name))
            {
                return fields.Value;
            }
        }

        return default;
    }

    /// <summary>Its items; none where there is no value.</summary>
    /// <exception cref="DialectFaultException">It is another value than a list.</exception>
    public ItemCursor Items() => IsNothing || IsList ? new ItemCursor(this) : throw Wrong("a list");

    /// <summary>Itself, where it is a string, or nothing.</summary>
    /// <exception cref="DialectFaultException">It is another value.</exception>
    public Json Text() => IsNothing ? default : IsString ? this : throw Wrong("a string");

    /// <summary>Itself, where it is a number, or nothing.</summary>
    /// <exception cref="DialectFaultException">It is another value.</exception>
    public Json Number() => IsNothing ? default : IsNumber ? this : throw Wrong("a number");

    /// <summary>Itself, where it is an object, or nothing.</summary>
    /// <exception cref="DialectFaultException">It is another value.</exception>
    public Json Object() => IsNothing ? default : IsObject ? this : throw Wrong("an object");

    /// <summary>Whether it is true; null where there is no value.</summary>
    /// <exception cref="DialectFaultException">It is neither true nor false.</exception>
    public bool? Flag() => IsNothing ? null : IsTrue ? true : Span[0] == 'f' ? false : throw Wrong("true or false");

    /// <summary>The whole number; null where there is no value.</summary>
    /// <exception cref="DialectFaultException">It is another value, or not within 0 to 10¹².</exception>
    public long? Whole() => IsNothing ? null
        : Utf8Parser.TryParse(Span, out long number, out var used) && used == Raw.Length && number is >= 0 and <= 1_000_000_000_000 ? number
        : throw Wrong("a whole number from 0");

    /// <summary>The number as it is nearest; null where it is none.</summary>
    public double? Value() => IsNumber && Utf8Parser.TryParse(Span, out double number, out _) ? number : null;

    /// <summary>The string's text, in the body itself where nothing in it is escaped.</summary>
    /// <exception cref="DialectFaultException">It is not a string, or holds half of a surrogate pair.</exception>
    public ReadOnlyMemory<byte> Unescape()
    {
        var text = Text();
        if (text.IsNothing)
        {
            return default;
        }

        if (!Span.Contains((byte)'\\'))
        {
            return Raw[1..^1];
        }

        var reader = new Utf8JsonReader(Span);
        reader.Read();
        var plain = new byte[Raw.Length];
        try
        {
            return plain.AsMemory(0, reader.CopyString(plain));
        }
        catch (InvalidOperationException)
        {
            throw new DialectFaultException("It holds half of a surrogate pair, which is no text.", this);
        }
    }

    /// <summary>The string's text for a person: where it is no text, as it is written; empty where it is no string.</summary>
    public string ForPerson()
    {
        try
        {
            return IsString ? Encoding.UTF8.GetString(Unescape().Span) : "";
        }
        catch (DialectFaultException)
        {
            return Encoding.UTF8.GetString(Span[1..^1]);
        }
    }

    /// <summary>A part of it.</summary>
    public Json Slice(int from, int length) => new(Raw.Slice(from, length), At < 0 ? -1 : At + from);

    /// <summary>Writes it as it is.</summary>
    public void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(Span, skipInputValidation: true);

    /// <summary>Writes it as a field, where there is a value.</summary>
    public void WriteTo(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        if (!IsNothing)
        {
            writer.WritePropertyName(name);
            WriteTo(writer);
        }
    }

    /// <summary>What to throw where it is not what it should be.</summary>
    public DialectFaultException Wrong(string right) => new($"It must be {right}.", this);

    public override string ToString() => Encoding.UTF8.GetString(Span);
}
