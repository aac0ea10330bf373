using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class WeighedChoiceTests
{
    private const int Many = 10_000;
    private static readonly double[] Weights = [1, 0, 3, 6];

    [Theory]
    [InlineData(LoadBalancing.RoundRobin)]
    [InlineData(LoadBalancing.Random)]
    [InlineData(LoadBalancing.LeastRequests)]
    [InlineData(LoadBalancing.PowerOfTwoChoices)]
    public void Each_gets_its_part_and_who_has_no_weight_nothing(LoadBalancing how)
    {
        var random = new Random(7);
        var loads = new int[Weights.Length];
        var counts = new int[Weights.Length];
        for (var turn = 0u; turn < Many; turn++)
        {
            var chosen = WeighedChoice.Choose(how, Weights, loads, turn, random.NextDouble(), random.NextDouble());
            counts[chosen]++;

            // What was chosen is under way for good, so that loads tell of all that came before.
            loads[chosen]++;
        }

        Assert.Equal(0, counts[1]);
        Assert.InRange(counts[0], 900, 1100);
        Assert.InRange(counts[2], 2850, 3150);
        Assert.InRange(counts[3], 5800, 6200);
    }

    [Fact]
    public void Turns_are_spread_and_not_bunched()
    {
        var turns = Enumerable.Range(0, 40).Select(turn => WeighedChoice.Choose(LoadBalancing.RoundRobin, [1, 3], [0, 0], (uint)turn, 0, 0)).ToArray();

        Assert.DoesNotContain("00", string.Concat(turns), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_none_has_weight_none_is_chosen() => Assert.All(Enum.GetValues<LoadBalancing>(), how => Assert.Equal(-1, WeighedChoice.Choose(how, [0, 0], [0, 0], 1, 0.5, 0.5)));
}
