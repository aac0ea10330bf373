using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts.Evidence;

/// <summary>
/// A confidence sequence for the mean of winsorised values: those above a cap count as the cap, so that a few outliers decide nothing. It is Robbins' mixture of normal
/// distributions with the counted variance, which is good at every moment once enough was counted: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas,
/// "Time-uniform central limit theory and asymptotic confidence sequences", Ann. Stat. 52 (2024), theorem 2.2. The same mixture is the mSPRT of Johari et al. (2022).
/// </summary>
/// <param name="Mean">Of the winsorised values.</param>
/// <param name="Radius">How far the true mean may be away; infinite where too little was counted.</param>
public readonly record struct MeanBounds(double Mean, double Radius)
{
    /// <summary>Fewer values than this say nothing: the bounds are those of large numbers.</summary>
    public const long Least = 100;

    // The bounds are tightest at about this many values.
    private const double Tightest = 1_000;

    /// <summary>The cap that leaves all but the slowest hundredth of either part as it is.</summary>
    public static double Cap(ImmutableArray<Bucket> a, ImmutableArray<Bucket> b) =>
        Math.Max(QuantileBounds.Value(a, 0.99) ?? 0, QuantileBounds.Value(b, 0.99) ?? 0);

    /// <summary>The bounds of a histogram; null: it is empty.</summary>
    public static MeanBounds? Of(ImmutableArray<Bucket> histogram, double cap, double alpha)
    {
        var count = histogram.Sum(b => b.Count);
        if (count == 0)
        {
            return null;
        }

        var (sum, squares) = (0.0, 0.0);
        foreach (var bucket in histogram)
        {
            var begin = bucket.Index == 0 ? 0 : Buckets.End(bucket.Index - 1);
            var mean = Math.Min((double)bucket.Sum / bucket.Count, cap);

            // How values lie within a bucket is not known: as if they were spread over all of it.
            var spread = Math.Max(0, Math.Min(Buckets.End(bucket.Index), cap) - begin);
            sum += bucket.Count * mean;
            squares += bucket.Count * ((mean * mean) + (spread * spread / 12));
        }

        var average = sum / count;
        return new MeanBounds(average, count < Least ? double.PositiveInfinity : Width(count, Math.Max(0, (squares / count) - (average * average)), alpha));
    }

    private static double Width(long count, double variance, double alpha)
    {
        var rho2 = ((-2 * Math.Log(alpha)) + Math.Log((-2 * Math.Log(alpha)) + 1)) / Tightest;
        var scaled = (count * rho2) + 1;
        return Math.Sqrt(variance * 2 * scaled / ((double)count * count * rho2) * Math.Log(Math.Sqrt(scaled) / alpha));
    }
}
