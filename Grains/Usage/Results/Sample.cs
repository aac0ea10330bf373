namespace Sluice.Grains.Usage.Results;

/// <summary>Values without bounds, such as times and costs, by their number, mean and variance.</summary>
public sealed class Sample
{
    /// <summary>Fewer values give no interval.</summary>
    public const int Least = 5;

    private double _squares;

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; 0 where there is none.</summary>
    public double Mean { get; private set; }

    private double VarianceOfMean => _squares / (Count - 1) / Count;

    /// <summary>Adds one. By Welford's way, which loses no digits to large means.</summary>
    public void Add(double value)
    {
        Count++;
        var before = value - Mean;
        Mean += before / Count;
        _squares += before * (value - Mean);
    }

    /// <summary>Of the difference of two means, this one's less the other's, by Welch; null where one has less than <see cref="Least"/> values.</summary>
    public Interval? DifferenceTo(Sample other)
    {
        if (Count < Least || other.Count < Least)
        {
            return null;
        }

        var (mine, others) = (VarianceOfMean, other.VarianceOfMean);
        var both = mine + others;
        var degrees = both > 0 ? both * both / ((mine * mine / (Count - 1)) + (others * others / (other.Count - 1))) : double.PositiveInfinity;
        return Interval.Around(Mean - other.Mean, Interval.StudentT(degrees) * Math.Sqrt(both), double.NegativeInfinity, double.PositiveInfinity);
    }
}
