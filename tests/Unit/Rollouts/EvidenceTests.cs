using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts.Evidence;

namespace Sluice.Tests.Unit.Rollouts;

public sealed class EvidenceTests
{
    [Fact]
    public void The_logarithm_of_the_gamma_function_is_that_of_factorials_and_of_the_root_of_pi()
    {
        var factorial = 0.0;
        for (var n = 1; n < 100; n++)
        {
            Assert.Equal(factorial, LogGamma.Of(n), 10);
            factorial += Math.Log(n);
        }

        Assert.Equal(0.5 * Math.Log(Math.PI), LogGamma.Of(0.5), 12);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 10)]
    [InlineData(10, 10)]
    [InlineData(1, 1_000)]
    [InlineData(500_000, 1_000_000)]
    public void Bounds_of_a_rate_lie_around_what_was_counted_and_within_0_and_1(long hits, long trials)
    {
        var (lower, upper) = (RateBounds.Lower(hits, trials, 0.05), RateBounds.Upper(hits, trials, 0.05));

        Assert.InRange(lower, 0, trials == 0 ? 1 : (double)hits / trials);
        Assert.InRange(upper, trials == 0 ? 0 : (double)hits / trials, 1);
    }

    [Fact]
    public void Bounds_narrow_as_more_is_counted_and_widen_as_alpha_falls()
    {
        Assert.True(RateBounds.Upper(10, 1_000, 0.05) > RateBounds.Upper(100, 10_000, 0.05));
        Assert.True(RateBounds.Lower(10, 1_000, 0.05) < RateBounds.Lower(100, 10_000, 0.05));
        Assert.True(RateBounds.Upper(10, 1_000, 0.001) > RateBounds.Upper(10, 1_000, 0.05));
    }

    [Fact]
    public void Each_value_lies_in_its_bucket_and_buckets_rise_without_gaps()
    {
        foreach (var value in Enumerable.Range(0, 400).Select(i => (long)Math.Pow(1.08, i)).Where(v => v < 1L << 38))
        {
            var bucket = Buckets.Of(value);
            Assert.True(value < Buckets.End(bucket) && (bucket == 0 || value >= Buckets.End(bucket - 1)), $"{value} in {bucket}");
        }

        Assert.Equal(Buckets.Count - 1, Buckets.Of(long.MaxValue));
        Assert.All(Enumerable.Range(1, Buckets.Count - 1), i => Assert.True(Buckets.End(i) > Buckets.End(i - 1)));
    }

    [Fact]
    public void Merged_histograms_hold_what_both_held()
    {
        var (a, b) = (Counted.Histogram([70, 5_000, 5_000]), Counted.Histogram([1, 5_010, 1_000_000]));

        Assert.Equal(Counted.Histogram([70, 5_000, 5_000, 1, 5_010, 1_000_000]), Buckets.Merge(a, b));
        Assert.Equal(a, Buckets.Merge(a, []));
        Assert.Equal(b, Buckets.Merge([], b));
    }

    [Fact]
    public void Bounds_of_a_quantile_lie_around_it()
    {
        var histogram = Counted.Histogram(Enumerable.Range(1, 10_000).Select(i => i * 100L));

        Assert.InRange(QuantileBounds.Value(histogram, 0.95)!.Value, 950_000, 1_100_000);
        Assert.InRange(QuantileBounds.Lower(histogram, 0.95, 0.01), 800_000, 950_000);
        Assert.InRange(QuantileBounds.Upper(histogram, 0.95, 0.01)!.Value, 950_000, 1_100_000);
    }

    [Fact]
    public void Little_that_was_counted_says_little()
    {
        var histogram = Counted.Histogram([1_000, 2_000, 3_000]);

        Assert.Equal(0, QuantileBounds.Lower(histogram, 0.5, 0.01));
        Assert.Null(QuantileBounds.Upper(histogram, 0.5, 0.01));
        Assert.Equal(double.PositiveInfinity, MeanBounds.Of(histogram, 4_000, 0.01)!.Value.Radius);
        Assert.Null(MeanBounds.Of([], 4_000, 0.01));
    }
}
