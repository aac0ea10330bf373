using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts.Evidence;

/// <summary>
/// A confidence sequence for a quantile of a histogram, good at every moment as <see cref="RateBounds"/> are: whether a value lies at or below the true quantile is a
/// yes-or-no outcome whose rate is known, so a place at which the counted rate is impossible is not the quantile. Only the true quantile itself can be missed, so
/// nothing is paid for looking at every bucket. S. Howard, A. Ramdas, "Sequential estimation of quantiles with applications to A/B testing and best-arm
/// identification", Bernoulli 28 (2022). Bounds are ends of buckets, on the careful side.
/// </summary>
public static class QuantileBounds
{
    /// <summary>The end of the bucket in which the quantile was counted; null: nothing was.</summary>
    public static double? Value(ImmutableArray<Bucket> histogram, double quantile)
    {
        var all = histogram.Sum(b => b.Count);
        var below = 0L;
        foreach (var bucket in histogram)
        {
            below += bucket.Count;
            if (below >= quantile * all)
            {
                return Buckets.End(bucket.Index);
            }
        }

        return null;
    }

    /// <summary>The quantile is not below this.</summary>
    public static double Lower(ImmutableArray<Bucket> histogram, double quantile, double alpha)
    {
        var all = histogram.Sum(b => b.Count);
        var (below, bound) = (0L, 0.0);
        foreach (var bucket in histogram)
        {
            // Up to where this bucket begins, the values before it are all there are.
            if (RateBounds.Upper(below, all, alpha) < quantile)
            {
                bound = bucket.Index == 0 ? 0 : Buckets.End(bucket.Index - 1);
            }

            below += bucket.Count;
        }

        return bound;
    }

    /// <summary>The quantile is not above this; null: it may be anywhere above.</summary>
    public static double? Upper(ImmutableArray<Bucket> histogram, double quantile, double alpha)
    {
        var all = histogram.Sum(b => b.Count);
        var below = 0L;
        foreach (var bucket in histogram)
        {
            below += bucket.Count;
            if (RateBounds.Lower(below, all, alpha) > quantile)
            {
                return Buckets.End(bucket.Index);
            }
        }

        return null;
    }
}
