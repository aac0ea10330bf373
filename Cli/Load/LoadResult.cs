namespace Sluice.Cli.Load;

/// <summary>What a load came to.</summary>
/// <param name="Requests">That were answered whole.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="PerSecond">Requests.</param>
/// <param name="Statuses">How many answers had which status; 0: there was none.</param>
/// <param name="LatencyMs">Until the last byte, of answers below 400; null: there was none.</param>
/// <param name="FirstMs">Until the answer's first byte, of those.</param>
internal sealed record LoadResult(long Requests, double Seconds, double PerSecond, IReadOnlyDictionary<int, long> Statuses, LoadTimes? LatencyMs, LoadTimes? FirstMs)
{
    /// <summary>Of what was measured.</summary>
    public static LoadResult Of(IReadOnlyList<LoadSample> samples, TimeSpan took) => new(
        samples.Count,
        Math.Round(took.TotalSeconds, 2),
        Math.Round(samples.Count / took.TotalSeconds, 1),
        samples.GroupBy(sample => sample.Status).OrderBy(status => status.Key).ToDictionary(status => status.Key, status => (long)status.Count()),
        LoadTimes.Of([.. samples.Where(sample => sample.IsGood).Select(sample => sample.Last.TotalMilliseconds)]),
        LoadTimes.Of([.. samples.Where(sample => sample.IsGood).Select(sample => sample.First.TotalMilliseconds)]));
}

/// <summary>One request.</summary>
/// <param name="Status">Of the answer; 0: there was none.</param>
/// <param name="First">Until its first byte.</param>
/// <param name="Last">Until its last byte.</param>
internal readonly record struct LoadSample(int Status, TimeSpan First, TimeSpan Last)
{
    /// <summary>Whether it was answered as was asked.</summary>
    public bool IsGood => Status is > 0 and < 400;
}

/// <summary>Times in milliseconds.</summary>
internal sealed record LoadTimes(double Mean, double P50, double P95, double P99, double Most)
{
    /// <summary>Of some; null of none.</summary>
    public static LoadTimes? Of(List<double> times)
    {
        if (times.Count == 0)
        {
            return null;
        }

        times.Sort();
        return new LoadTimes(Round(times.Average()), At(times, 0.5), At(times, 0.95), At(times, 0.99), Round(times[^1]));
    }

    // The least one that so large a share does not exceed.
    private static double At(List<double> sorted, double share) => Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)]);

    private static double Round(double time) => Math.Round(time, 3);
}
