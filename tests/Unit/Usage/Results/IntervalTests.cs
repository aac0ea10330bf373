using Sluice.Grains.Usage.Results;

namespace Sluice.Tests.Unit.Usage.Results;

/// <summary>Intervals hold the true value about as often as they say, over seeded runs.</summary>
public sealed class IntervalTests
{
    private const int Runs = 4_000;

    [Theory]
    [InlineData(4, 2.776)]
    [InlineData(9, 2.262)]
    [InlineData(30, 2.042)]
    [InlineData(double.PositiveInfinity, 1.96)]
    public void Students_t_is_that_of_the_tables(double degrees, double expected) => Assert.Equal(expected, Interval.StudentT(degrees), 0.01);

    [Theory]
    [InlineData(20, 0.5, false)]
    [InlineData(20, 0.05, false)]
    [InlineData(200, 0.9, false)]
    [InlineData(40, 0.7, true)]
    public void The_true_mean_of_scores_lies_in_the_interval_in_19_of_20_runs(int count, double mean, bool isBetween)
    {
        var random = new Random(1);
        var held = Enumerable.Range(0, Runs).Count(_ => Scores(random, count, mean, isBetween).Interval is var interval && interval.Low <= mean && mean <= interval.High);

        Assert.InRange(held / (double)Runs, 0.94, 1);
    }

    [Theory]
    [InlineData(20, 0.5, 0.5, false)]
    [InlineData(30, 0.05, 0.2, false)]
    [InlineData(100, 0.6, 0.8, true)]
    public void The_true_difference_of_two_means_of_scores_does_too(int count, double one, double other, bool isBetween)
    {
        var random = new Random(2);
        var held = Enumerable.Range(0, Runs).Count(_ =>
            Scores(random, count, one, isBetween).DifferenceTo(Scores(random, count, other, isBetween)) is var interval && interval.Low <= one - other && one - other <= interval.High);

        Assert.InRange(held / (double)Runs, 0.94, 1);
    }

    [Theory]
    [InlineData(5, 60)]
    [InlineData(30, 8)]
    public void The_true_difference_of_two_means_of_times_does_too(int one, int other)
    {
        var random = new Random(3);
        var held = Enumerable.Range(0, Runs).Count(_ => Times(random, one, 800, 50).DifferenceTo(Times(random, other, 700, 10)) is { } interval && interval.Low <= 100 && 100 <= interval.High);

        Assert.InRange(held / (double)Runs, 0.93, 0.97);
    }

    [Fact]
    public void A_great_difference_is_seen_and_few_values_say_little()
    {
        Assert.True(Of(90, 100).DifferenceTo(Of(60, 100)).Low > 0);
        Assert.True(Of(9, 10).DifferenceTo(Of(6, 10)) is { Low: < 0, High: > 0 });
        Assert.True(Of(3, 3).Interval is { Low: < 0.6, High: 1 });
        Assert.Null(Times(new Random(4), 4, 1, 1).DifferenceTo(Times(new Random(4), 400, 1, 1)));
    }

    private static BoundedSample Of(int ones, int count) => Add(Enumerable.Range(0, count).Select(i => i < ones ? 1.0 : 0));

    private static BoundedSample Scores(Random random, int count, double mean, bool isBetween) =>
        Add(Enumerable.Range(0, count).Select(_ => isBetween ? mean + ((random.NextDouble() - 0.5) * 0.4) : random.NextDouble() < mean ? 1 : 0));

    private static BoundedSample Add(IEnumerable<double> values)
    {
        var sample = new BoundedSample();
        foreach (var value in values)
        {
            sample.Add(value);
        }

        return sample;
    }

    private static Sample Times(Random random, int count, double mean, double spread)
    {
        var sample = new Sample();
        for (var i = 0; i < count; i++)
        {
            sample.Add(mean + (spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        }

        return sample;
    }
}
