using System.Globalization;

namespace Sluice.Revisions.Reading;

/// <summary>Times as they are written in resources and in the admin API: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
public static class Durations
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a time; false for anything else, negative or longer than ten years.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count <= TimeSpan.FromDays(3653).Ticks / length.Ticks)
            {
                time = length * count;
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a time in the greatest unit that needs no fraction.</summary>
    public static string Format(TimeSpan time)
    {
        for (var i = Units.Length - 1; i > 0; i--)
        {
            if (time.Ticks % Units[i].Length.Ticks == 0 && time != TimeSpan.Zero)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / Units[i].Length.Ticks}{Units[i].Unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms");
    }
}
