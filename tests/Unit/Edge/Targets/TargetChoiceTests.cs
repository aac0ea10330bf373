using Sluice.Edge.Targets;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Edge.Targets;

/// <summary>Which target each strategy asks.</summary>
public sealed class TargetChoiceTests
{
    private const ulong All = 0b111;
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(10);

    [Fact]
    public void Weights_divide_requests_also_among_those_that_are_left()
    {
        var model = Models.OfThree("weighted", ", weight: 70", ", weight: 20", ", weight: 10");
        Assert.Equal([0.7, 0.2, 0.1], Shares(model, All), (a, b) => Math.Abs(a - b) < 0.01);
        Assert.Equal([0, 2 / 3.0, 1 / 3.0], Shares(model, 0b110), (a, b) => Math.Abs(a - b) < 0.01);
    }

    [Fact]
    public void While_all_are_well_a_draw_chooses_what_a_revision_predicts()
    {
        var random = new Random(1);
        foreach (var model in new[] { Models.OfThree("weighted", ", weight: 3", "", ", weight: 5"), Models.OfThree("priority", ", priority: 2", ", priority: 1", ", priority: 1") })
        {
            for (var i = 0; i < 1_000; i++)
            {
                var draw = random.NextDouble();
                Assert.Same(model.Choose(draw), model.Targets[Choose(model, Models.States(), All, draw)]);
            }
        }
    }

    [Fact]
    public void Priority_takes_the_lowest_that_is_left()
    {
        var model = Models.OfThree("priority", ", priority: 3", ", priority: 1", ", priority: 2");
        Assert.Equal(1, Choose(model, Models.States(), All));
        Assert.Equal(2, Choose(model, Models.States(), 0b101));
        Assert.Equal(0, Choose(model, Models.States(), 0b001));
        Assert.Equal(-1, Choose(model, Models.States(), 0));
    }

    [Fact]
    public void A_caller_sticks_to_a_target_and_one_that_is_gone_moves_only_its_own_callers()
    {
        var model = Models.OfThree("sticky", ", weight: 1", ", weight: 1", ", weight: 2");
        var before = Callers(model, All);
        Assert.Equal(before, Callers(model, All));
        Assert.InRange(before.Count(i => i == 2), 4_800, 5_200);

        var after = Callers(model, 0b011);
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == 2 ? pair.Second != 2 : pair.Second == pair.First));
        Assert.InRange(after.Count(i => i == 0), 4_800, 5_200);
    }

    [Fact]
    public void A_greater_weight_moves_callers_only_to_the_target_that_has_it()
    {
        var before = Callers(Models.OfThree("sticky"), All);
        var after = Callers(Models.OfThree("sticky", b: ", weight: 2"), All);
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == pair.Second || pair.Second == 1));
        Assert.InRange(after.Count(i => i == 1), 4_800, 5_200);
    }

    [Fact]
    public void Least_latency_takes_the_fastest_looks_at_the_unknown_and_comes_back_to_the_slow()
    {
        var model = Models.OfThree("leastLatency");
        var states = Models.States();
        states[0].FirstToken.Add(TimeSpan.FromMilliseconds(300), Now);
        states[1].FirstToken.Add(TimeSpan.FromMilliseconds(200), Now);
        Assert.Equal(2, Choose(model, states, All));

        states[2].FirstToken.Add(TimeSpan.FromMilliseconds(900), Now);
        Assert.Equal(1, Choose(model, states, All));

        states[1].InFlight = 2;
        Assert.Equal(0, Choose(model, states, All));

        // What others were told since counts, what nobody renewed fades.
        states[1].InFlight = 0;
        var later = Now + TimeSpan.FromMinutes(2);
        states[0].FirstToken.Add(TimeSpan.FromMilliseconds(300), later);
        states[1].FirstToken.Add(TimeSpan.FromMilliseconds(200), later);
        Assert.Equal(2, TargetChoice.Choose(model, states, All, new ChoiceBasis(0, null, null, IsStream: true, later)));
    }

    [Fact]
    public void The_mean_follows_what_was_seen()
    {
        var time = new FirstTokenTime();
        for (var i = 0; i < 40; i++)
        {
            time.Add(TimeSpan.FromMilliseconds(i < 20 ? 100 : 500), Now);
        }

        Assert.InRange(time.At(Now), 0.49, 0.5);
    }

    [Fact]
    public void Least_used_takes_the_one_with_most_left_and_forgets_what_was_told_when_it_resets()
    {
        var model = Models.OfThree("leastUsed");
        var states = Models.States();
        states[0].Headroom.Tell(0.2, Now + TimeSpan.FromSeconds(60), Now);
        states[1].Headroom.Tell(0.9, Now + TimeSpan.FromSeconds(60), Now);
        states[2].Headroom.Tell(0.5, Now + TimeSpan.FromSeconds(60), Now);
        Assert.Equal(1, Choose(model, states, All));
        Assert.Equal(2, Choose(model, states, 0b101));
        Assert.Equal(0.6, states[0].Headroom.At(Now + TimeSpan.FromSeconds(30)), 3);
        Assert.Equal(1, states[0].Headroom.At(Now + TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Where_nothing_is_told_the_one_with_least_under_way_is_used_least()
    {
        var states = Models.States();
        (states[0].InFlight, states[1].InFlight, states[2].InFlight) = (2, 3, 1);
        Assert.Equal(2, Choose(Models.OfThree("leastUsed"), states, All));
    }

    [Fact]
    public void Cheapest_takes_the_least_cost()
    {
        var model = Models.OfThree("cheapest", more: "price: p\n---\nkind: Price\nname: p\nentries: [{ model: \"*\", input: \"1.00 USD\", output: \"1.00 USD\" }]");
        var basis = new ChoiceBasis(0, null, [30, 10, 20], IsStream: false, Now);
        Assert.Equal(1, TargetChoice.Choose(model, Models.States(), All, basis));
        Assert.Equal(2, TargetChoice.Choose(model, Models.States(), 0b101, basis));
    }

    private static int Choose(CompiledModel model, TargetState[] states, ulong among, double draw = 0.5) =>
        TargetChoice.Choose(model, states, among, new ChoiceBasis(draw, null, null, IsStream: true, Now));

    private static double[] Shares(CompiledModel model, ulong among)
    {
        var random = new Random(7);
        var counts = new int[3];
        for (var i = 0; i < 20_000; i++)
        {
            counts[Choose(model, Models.States(), among, random.NextDouble())]++;
        }

        return [.. counts.Select(count => count / 20_000.0)];
    }

    private static int[] Callers(CompiledModel model, ulong among)
    {
        var states = Models.States();
        return [.. Enumerable.Range(0, 10_000).Select(i => TargetChoice.Choose(model, states, among, new ChoiceBasis(0.5, $"user-{i}", null, IsStream: true, Now)))];
    }
}
