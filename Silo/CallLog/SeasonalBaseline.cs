namespace Sluice.Silo.CallLog;

/// <summary>
/// What is usual at an hour of the week: the median of the same hour in the weeks before (and of the hours beside it, where they are few), and how far those lie from it, by the median of their distances. Neither is moved by some odd
/// weeks, as a mean would be. Pure; hours are whole ones since 1970, UTC.
/// </summary>
/// <param name="hours">Sums by hour; hours without are 0, or were not measured.</param>
/// <param name="first">The first hour that the log has.</param>
/// <param name="isSum">Whether an hour without calls has 0 of it, as of sums; else it has none, as of percentiles.</param>
/// <param name="isCount">Whether it counts what comes by chance: then chance alone makes a deviation of the root.</param>
internal sealed class SeasonalBaseline(IReadOnlyDictionary<long, double> hours, long first, bool isSum, bool isCount)
{
    /// <summary>Hours of a week.</summary>
    public const int Week = 168;

    // A normal distribution's deviation is so many times the median of distances.
    private const double Deviation = 1.4826;
    private const int Weeks = 8;

    // So many weeks tell of an hour by itself; of fewer, the hours beside it are looked at too.
    private const int Enough = 4;
    private const int Least = 6;

    // What lies closer than this share of the usual is no news, however even the weeks before were.
    private const double Tolerance = 0.1;
    private const double Smallest = 1e-9;

    /// <summary>What is usual at an hour; null: too few weeks are known.</summary>
    public Usual? At(long hour)
    {
        var known = Known(hour, beside: 0);
        if (known.Count < Enough && (known = Known(hour, beside: 1)).Count < Least)
        {
            return null;
        }

        var median = Median(known);
        var spread = Deviation * Median([.. known.Select(value => Math.Abs(value - median))]);
        return new Usual(median, Math.Max(Math.Max(spread, Tolerance * Math.Abs(median)), isCount ? Math.Sqrt(Math.Max(median, 1)) : Smallest));
    }

    private List<double> Known(long hour, int beside)
    {
        var known = new List<double>();
        for (var week = 1; week <= Weeks; week++)
        {
            for (var at = hour - (week * Week) - beside; at <= hour - (week * Week) + beside; at++)
            {
                if (at >= first && (hours.TryGetValue(at, out var value) || isSum))
                {
                    known.Add(value);
                }
            }
        }

        return known;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}

/// <summary>What is usual.</summary>
/// <param name="Median">The middle.</param>
/// <param name="Spread">As a deviation.</param>
internal readonly record struct Usual(double Median, double Spread)
{
    private const double Most = 1_000;

    /// <summary>How many deviations a value lies from the middle, a thousand at most; below 0 for less.</summary>
    public double Score(double value) => Math.Clamp((value - Median) / Spread, -Most, Most);
}
