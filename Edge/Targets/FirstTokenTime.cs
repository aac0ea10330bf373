namespace Sluice.Edge.Targets;

/// <summary>
/// How long a target takes to its first token: an exponentially weighted mean, of which an older one counts for less, so that a target that was slow once is asked again. Plain rules,
/// whose time is given; safe for concurrent use.
/// </summary>
internal sealed class FirstTokenTime
{
    // The weight of the newest; and after which time a mean that nobody renews is worth half.
    private const double Newest = 0.25;
    private static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(30);

    // What nobody knows is taken for fast: it is asked, and then known.
    private const double Unknown = 0.001;
    private Mean? _mean;

    /// <summary>An answer began.</summary>
    public void Add(TimeSpan took, TimeSpan now)
    {
        var seen = Volatile.Read(ref _mean);
        while (true)
        {
            var next = new Mean(seen is null ? took.TotalSeconds : seen.Seconds + (Newest * (took.TotalSeconds - seen.Seconds)), now);
            var was = Interlocked.CompareExchange(ref _mean, next, seen);
            if (ReferenceEquals(was, seen))
            {
                return;
            }

            seen = was;
        }
    }

    /// <summary>What is to be expected, in seconds.</summary>
    public double At(TimeSpan now) => Math.Max(Unknown, KnownAt(now) ?? Unknown);

    /// <summary>What is to be expected, in seconds; null: nobody knows.</summary>
    public double? KnownAt(TimeSpan now) => Volatile.Read(ref _mean) is { } mean ? mean.Seconds * Math.Pow(0.5, Math.Max(0, (now - mean.At) / HalfLife)) : null;

    private sealed record Mean(double Seconds, TimeSpan At);
}
