using System.Globalization;

namespace Sluice.Revisions.Reading;

/// <summary>Shares as they are written in resources: whole percents, such as <c>20%</c>.</summary>
internal static class Percents
{
    /// <summary>Reads whole percents from 0 to 100; false for anything else.</summary>
    public static bool TryParse(string text, out int percent)
    {
        percent = 0;
        return text.EndsWith('%') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out percent) && percent <= 100;
    }

    /// <summary>Whole percents of a field, in bounds.</summary>
    public static int Read(Fields fields, string field, int least, int fallback)
    {
        if (fields.TextOrNull(field) is not { } text)
        {
            return fallback;
        }

        if (TryParse(text, out var percent) && percent >= least)
        {
            return percent;
        }

        fields.Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be whole percents from {least}% to 100%, such as {fallback}%; is '{text}'"));
        return fallback;
    }
}
