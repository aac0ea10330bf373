using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts;

namespace Sluice.Tests.Unit.Rollouts;

/// <summary>
/// What guards promise, over many seeded runs in which one looks after every few requests to the end: where nothing is worse, they fail in fewer runs than α; where something
/// is, they fail soon. α is 0.05, for one guard and one step, so nothing hides behind a correction for many.
/// </summary>
public sealed class FalseAlarmTests
{
    private const int Runs = 200;
    private const double Alpha = 0.05;

    // Every run is as long as many holds: one that looked with a test for a single look would fail in more than a third of the runs.
    private const int Requests = 6_000;
    private const int LookEvery = 50;

    [Fact]
    public void Equal_rates_of_failures_raise_fewer_false_alarms_than_alpha() =>
        Assert.InRange(Alarms(worse: 0, old: 0.02, next: 0.02), 0, (int)(Runs * Alpha));

    [Fact]
    public void A_rate_that_is_worse_by_what_is_allowed_raises_fewer_false_alarms_than_alpha() =>
        Assert.InRange(Alarms(worse: 0.01, old: 0.01, next: 0.02), 0, (int)(Runs * Alpha));

    [Fact]
    public void A_look_with_a_test_for_one_look_would_raise_more_than_alpha()
    {
        // The reason for all of it: the same runs, looked at with a z-test at 5 % each time.
        var alarms = Enumerable.Range(0, Runs).Count(seed => First(seed, 0.02, 0.02, (old, next) =>
        {
            var pooled = (double)(old.Failures + next.Failures) / (old.Requests + next.Requests);
            var error = Math.Sqrt(pooled * (1 - pooled) * ((1.0 / old.Requests) + (1.0 / next.Requests)));
            return error > 0 && (((double)next.Failures / next.Requests) - ((double)old.Failures / old.Requests)) / error > 1.645;
        }) is not null);

        Assert.True(alarms > Runs * Alpha * 2, $"{alarms} of {Runs}");
    }

    [Fact]
    public void One_percent_that_becomes_five_is_found_in_every_run_and_soon()
    {
        var found = Enumerable.Range(0, Runs).Select(seed => First(seed, 0.01, 0.05, Fails(0.01))).ToArray();

        Assert.All(found, f => Assert.NotNull(f));
        Assert.InRange(found.Select(f => f!.Value).Order().ElementAt(Runs / 2), LookEvery, 1_500);
    }

    [Fact]
    public void One_fifth_of_failures_is_found_within_two_hundred_requests()
    {
        var found = Enumerable.Range(0, Runs).Select(seed => First(seed, 0.002, 0.2, Fails(0.01))).ToArray();

        Assert.All(found, f => Assert.InRange(f ?? int.MaxValue, LookEvery, 200));
    }

    [Theory]
    [InlineData(0.95)]
    [InlineData(0.5)]
    [InlineData(null)]
    public void Equal_latencies_raise_fewer_false_alarms_than_alpha(double? quantile)
    {
        // Also at a ratio of 1, where nothing is forgiven.
        var guard = new LatencyGuard(quantile, 1);
        var alarms = Enumerable.Range(0, Runs / 2).Count(seed => FirstSlow(seed, guard, slower: 1) is not null);

        Assert.InRange(alarms, 0, (int)(Runs / 2 * Alpha));
    }

    [Theory]
    [InlineData(0.95)]
    [InlineData(0.5)]
    [InlineData(null)]
    public void A_latency_that_doubled_is_found_in_every_run(double? quantile)
    {
        var found = Enumerable.Range(0, 50).Select(seed => FirstSlow(seed, new LatencyGuard(quantile, 1.2), slower: 2)).ToArray();

        Assert.All(found, f => Assert.InRange(f ?? int.MaxValue, LookEvery, Requests));
    }

    [Fact]
    public void One_outlier_in_a_thousand_decides_nothing_about_the_mean()
    {
        // A thousandth of the new part takes ten minutes; the mean of all would be forty times as great.
        var alarms = Enumerable.Range(0, 50).Count(seed =>
        {
            var random = new Random(seed);
            var outliers = Enumerable.Range(0, Requests).Select(_ => random.Next(1_000) == 0 ? 600_000_000L : Latency(random));
            return Guards.Judge(Counted.Spec(Counted.Guard(latency: new LatencyGuard(null, 1.2))), Counted.Taking(Enumerable.Range(0, Requests).Select(_ => Latency(random))), Counted.Taking(outliers))[0].Verdict
                is GuardVerdict.Failed;
        });

        Assert.Equal(0, alarms);
    }

    private static int Alarms(double worse, double old, double next) => Enumerable.Range(0, Runs).Count(seed => First(seed, old, next, Fails(worse)) is not null);

    private static Func<PartFigures, PartFigures, bool> Fails(double worse)
    {
        var spec = Counted.Spec(Counted.Guard(errors: worse));
        return (old, next) => Guards.Judge(spec, old, next)[0].Verdict is GuardVerdict.Failed;
    }

    // After how many requests to each part it fails first; null: never. The stream of values is one to four parts old, as at a step.
    private static int? First(int seed, double old, double next, Func<PartFigures, PartFigures, bool> fails)
    {
        var random = new Random(seed);
        var (oldFailures, newFailures) = (0L, 0L);
        for (var i = 1; i <= Requests; i++)
        {
            oldFailures += Failures(random, 4, old);
            newFailures += Failures(random, 1, next);
            if (i % LookEvery == 0 && fails(Counted.Failing(4L * i, oldFailures), Counted.Failing(i, newFailures)))
            {
                return i;
            }
        }

        return null;
    }

    private static int Failures(Random random, int requests, double rate) => Enumerable.Range(0, requests).Count(_ => random.NextDouble() < rate);

    private static int? FirstSlow(int seed, LatencyGuard guard, double slower)
    {
        var random = new Random(seed);
        var spec = Counted.Spec(Counted.Guard(latency: guard));
        var (old, next) = (PartFigures.None, PartFigures.None);
        for (var i = LookEvery; i <= Requests; i += LookEvery)
        {
            old = old.Plus(Counted.Taking(Enumerable.Range(0, LookEvery).Select(_ => Latency(random))));
            next = next.Plus(Counted.Taking(Enumerable.Range(0, LookEvery).Select(_ => (long)(Latency(random) * slower))));
            if (Guards.Judge(spec, old, next)[0].Verdict is GuardVerdict.Failed)
            {
                return i;
            }
        }

        return null;
    }

    // Log-normal, as latencies are: half below 20 ms, one in twenty above 100.
    private static long Latency(Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (long)(20_000 * Math.Exp(normal));
    }
}
