using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Tests.Unit.Rollouts;

/// <summary>Short words for specs and figures.</summary>
internal static class Counted
{
    public static RolloutSpec Spec(RolloutGuards guards, params int[] shares) => new(
        SplitKind.Route, "shop", "v1", "v2", [.. shares.DefaultIfEmpty(10_000).Select(s => new RolloutStep(s, TimeSpan.FromMinutes(10)))], guards, 0.05, 100, TimeSpan.FromHours(1), TimeoutAction.Pause);

    public static RolloutGuards Guard(double? errors = null, LatencyGuard? latency = null, double? cost = null) => new(errors, latency, cost, null, null);

    public static PartFigures Failing(long requests, long failures) => PartFigures.None with { Requests = requests, Failures = failures };

    public static PartFigures Taking(params IEnumerable<long> values)
    {
        var latency = Histogram(values);
        return PartFigures.None with { Requests = latency.Sum(b => b.Count), Latency = latency };
    }

    public static ImmutableArray<Bucket> Histogram(IEnumerable<long> values) =>
        [.. values.GroupBy(Buckets.Of).OrderBy(g => g.Key).Select(g => new Bucket(g.Key, g.Count(), g.Sum()))];
}
