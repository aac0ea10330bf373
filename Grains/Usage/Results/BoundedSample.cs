namespace Sluice.Grains.Usage.Results;

/// <summary>
/// Values from 0 to 1: scores, or 1 for yes and 0 for no. Intervals are those of Agresti and Coull (The American Statistician 52, 1998) and of Agresti and Caffo (54, 2000): some zeros and
/// ones are added to what was seen, so that few values, or all alike, do not pretend to be certain. For yes and no they are as published; for scores in between they are wider.
/// </summary>
public sealed class BoundedSample
{
    private double _sum;
    private double _squares;

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; 0 where there is none.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    /// <summary>Of the mean.</summary>
    public Interval Interval
    {
        get
        {
            var (mean, variance) = With(2);
            return Results.Interval.Around(mean, Results.Interval.Z * Math.Sqrt(variance), 0, 1);
        }
    }

    /// <summary>Adds one.</summary>
    public void Add(double value)
    {
        Count++;
        _sum += value;
        _squares += value * value;
    }

    /// <summary>Of the difference of two means: this one's less the other's.</summary>
    public Interval DifferenceTo(BoundedSample other)
    {
        var (mine, myVariance) = With(1);
        var (others, otherVariance) = other.With(1);
        return Results.Interval.Around(mine - others, Results.Interval.Z * Math.Sqrt(myVariance + otherVariance), -1, 1);
    }

    // The mean, and its variance, with so many zeros and as many ones besides.
    private (double Mean, double Variance) With(int each)
    {
        var count = Count + (2.0 * each);
        var mean = (_sum + each) / count;
        return (mean, Math.Max(0, ((_squares + each) / count) - (mean * mean)) / count);
    }
}
