using System.Globalization;
using System.Text;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>How long the sound was that an answer is a text of, where it says so: in its usage, as <c>{"type": "duration", "seconds": 12}</c>, or as <c>duration</c>.</summary>
internal static class SoundLength
{
    private const decimal Year = 366 * 24 * 60 * 60;

    /// <summary>In seconds; null: it does not say so. Throws nothing.</summary>
    public static decimal? Read(ReadOnlySpan<byte> answer)
    {
        decimal? usage = null;
        decimal? duration = null;
        var fields = new JsonFields(answer);
        while (fields.Next())
        {
            if (fields.Name.SequenceEqual("usage"u8))
            {
                usage = ReadUsage(fields.Value) ?? usage;
            }
            else if (fields.Name.SequenceEqual("duration"u8))
            {
                duration = Number(fields.Value);
            }
        }

        return fields.IsWhole ? usage ?? duration : null;
    }

    /// <summary>The same of a <c>usage</c> value alone.</summary>
    public static decimal? ReadUsage(ReadOnlySpan<byte> value)
    {
        decimal? seconds = null;
        var told = new JsonFields(value);
        while (told.Next())
        {
            seconds = told.Name.SequenceEqual("seconds"u8) ? Number(told.Value) : seconds;
        }

        return told.IsWhole ? seconds : null;
    }

    // Also as a text: some providers write it so.
    private static decimal? Number(ReadOnlySpan<byte> value) =>
        value.Length < 40 && decimal.TryParse(Encoding.ASCII.GetString(value.Trim((byte)'"')), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= Year
            ? number
            : null;
}
