using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>What of pictures, sound and speech is billed in units of their own: the most that a request can have, and what its answer tells. See docs/prices.md.</summary>
internal static class PassedUnits
{
    private const int LongestWord = 32;
    private const int LongestEscape = 6;

    /// <summary>A text that is spoken.</summary>
    /// <param name="reader">At the text.</param>
    public static UnitCounts Speech(in Utf8JsonReader reader)
    {
        long count = reader.ValueSpan.Length;
        try
        {
            count = reader.GetString()!.EnumerateRunes().Count();
        }
        catch (InvalidOperationException)
        {
            // It has half of a character, which the provider will judge: no text has more characters than bytes.
        }

        return UnitBounds.Speech(count);
    }

    /// <summary>A word of a request; null: it is none, or too long for one.</summary>
    /// <param name="reader">At a text.</param>
    public static string? Word(in Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueSpan.Length <= LongestWord * LongestEscape && reader.GetString() is { Length: <= LongestWord } word ? word : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A word of a form or answer; null: it is too long for one.</summary>
    public static string? Word(ReadOnlySpan<byte> text) => text.Length <= LongestWord ? Encoding.UTF8.GetString(text) : null;

    /// <summary>What an answer tells; where it tells nothing, what was asked for.</summary>
    /// <param name="operation">What was asked for.</param>
    /// <param name="asked">The most that it can be.</param>
    /// <param name="answer">The whole answer.</param>
    public static UnitCounts? Told(ModelOperation operation, UnitCounts? asked, ReadOnlySpan<byte> answer)
    {
        if (asked is not null && PassedCalls.TakesSound(operation) && SoundLength.Read(answer) is { } seconds)
        {
            return asked with { SoundMilliseconds = UnitBounds.Heard(seconds).SoundMilliseconds };
        }

        return asked is not null && PassedCalls.GivesPictures(operation) ? Told(asked, answer) : asked;
    }

    private static UnitCounts Told(UnitCounts asked, ReadOnlySpan<byte> answer)
    {
        var told = asked;
        var fields = new JsonFields(answer);
        while (fields.Next())
        {
            if (fields.Name.SequenceEqual("data"u8))
            {
                told = Count(fields.Value) is { } count ? told with { Pictures = count } : told;
            }
            else if (fields.Name.SequenceEqual("size"u8))
            {
                told = UnitBounds.Named(Word(fields.Value.Trim((byte)'"'))) is { Length: > 0 } size ? told with { Size = size } : told;
            }
            else if (fields.Name.SequenceEqual("quality"u8))
            {
                told = UnitBounds.Named(Word(fields.Value.Trim((byte)'"'))) is { Length: > 0 } quality ? told with { Quality = quality } : told;
            }
        }

        return fields.IsWhole ? told : asked;
    }

    // Null: it is no list.
    private static long? Count(ReadOnlySpan<byte> list)
    {
        var reader = new Utf8JsonReader(list);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return null;
            }

            var count = 0L;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                reader.Skip();
                count++;
            }

            return count;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
