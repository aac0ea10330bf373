using System.Globalization;

namespace Sluice.Revisions.Reading;

/// <summary>Sizes as they are written in resources: a whole number and <c>B</c>, <c>KiB</c>, <c>MiB</c> or <c>GiB</c>.</summary>
internal static class Sizes
{
    private static readonly (string Unit, long Bytes)[] Units = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("B", 1)];

    /// <summary>The bytes of a field in bounds, from 1 on; null where it is absent or wrong.</summary>
    public static long? Read(Fields fields, string field, long most)
    {
        if (fields.TextOrNull(field) is not { } text)
        {
            return null;
        }

        if (TryParse(text, out var bytes) && bytes >= 1 && bytes <= most)
        {
            return bytes;
        }

        fields.Wrong(field, $"must be a size from 1B to {Format(most)}, written as 512B, 64KiB, 10MiB or 1GiB; is '{text}'");
        return null;
    }

    /// <summary>Writes a size in the greatest unit that needs no fraction.</summary>
    public static string Format(long bytes)
    {
        var (unit, length) = Units.Where(u => bytes % u.Bytes == 0).MaxBy(u => u.Bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / length}{unit}");
    }

    private static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                var isNumber = long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= long.MaxValue / length;
                bytes = isNumber ? count * length : 0;
                return isNumber;
            }
        }

        return false;
    }
}
