namespace Sluice.Silo.CallLog;

/// <summary>What a forecast rests on.</summary>
public enum ForecastBasis
{
    /// <summary>What was spent at each hour of the week, in up to four weeks.</summary>
    Weekly,

    /// <summary>The mean of the hours that the log has, for they are less than a week.</summary>
    Flat,

    /// <summary>What was spent since the window began, for the log does not tell whose these calls are.</summary>
    Window,
}

/// <summary>When an amount is spent, hour by hour. Pure.</summary>
internal static class SpendForecast
{
    private const int Weeks = 4;
    private const int MostHours = 366 * 24;

    /// <summary>The rate of each hour of the week.</summary>
    /// <param name="hours">What was spent, by hours since 1970.</param>
    /// <param name="first">The first hour that is known.</param>
    /// <param name="now">The hour under way, which is not looked at.</param>
    public static (ForecastBasis Basis, double[] Rates) Rates(IReadOnlyDictionary<long, double> hours, long first, long now)
    {
        var from = Math.Max(first, now - (Weeks * SeasonalBaseline.Week));
        var count = now - from;
        if (count < SeasonalBaseline.Week)
        {
            var mean = count <= 0 ? 0 : Range(from, now).Sum(hour => hours.GetValueOrDefault(hour)) / count;
            return (ForecastBasis.Flat, [.. Enumerable.Repeat(mean, SeasonalBaseline.Week)]);
        }

        var rates = new double[SeasonalBaseline.Week];
        var seen = new int[SeasonalBaseline.Week];
        foreach (var hour in Range(from, now))
        {
            rates[hour % SeasonalBaseline.Week] += hours.GetValueOrDefault(hour);
            seen[hour % SeasonalBaseline.Week]++;
        }

        return (ForecastBasis.Weekly, [.. rates.Select((sum, i) => sum / seen[i])]);
    }

    /// <summary>When so much is spent; null: not until then.</summary>
    /// <param name="rates">By hour of the week.</param>
    /// <param name="left">What is left.</param>
    /// <param name="now">From when on.</param>
    /// <param name="until">Where it begins anew; null: never.</param>
    /// <returns>And what will be spent from now until then, or within a year.</returns>
    public static (DateTimeOffset? Ends, double Spent) Run(double[] rates, double left, DateTimeOffset now, DateTimeOffset? until)
    {
        var (at, spent) = (now, 0.0);
        for (var i = 0; i < MostHours && (until is null || at < until); i++)
        {
            var hour = at.ToUnixTimeSeconds() / 3600;
            var next = DateTimeOffset.FromUnixTimeSeconds((hour + 1) * 3600);
            next = next > until ? until.Value : next;
            var rate = rates[hour % SeasonalBaseline.Week];
            var more = rate * (next - at).TotalHours;
            if (spent + more >= left && more > 0)
            {
                return (at + ((next - at) * ((left - spent) / more)), left);
            }

            (at, spent) = (next, spent + more);
        }

        return (null, spent);
    }

    private static IEnumerable<long> Range(long from, long to)
    {
        for (var hour = from; hour < to; hour++)
        {
            yield return hour;
        }
    }
}
