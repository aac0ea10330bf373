using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Rollouts;

public sealed class SplitBodyTests
{
    private static readonly RolloutSpec Spec = Counted.Spec(Counted.Guard(), 100, 5_000, 10_000);

    [Theory]
    [InlineData(100, 9_900, 100)]
    [InlineData(5_000, 5_000, 5_000)]
    [InlineData(10_000, 0, 10_000)]
    public void Two_parts_become_ten_thousandths(int share, int from, int to) =>
        Assert.Equal([new SplitWeight("v1", from), new SplitWeight("v2", to)], SplitBody.At([new("v1", 1), new("v2", 0)], Spec, share)!.Value);

    [Fact]
    public void Beside_other_parts_the_pair_keeps_what_it_has()
    {
        ImmutableArray<SplitWeight> before = [new("v1", 3), new("other", 5), new("v2", 0)];

        var moved = SplitBody.At(before, Spec, 100)!.Value;

        Assert.Equal(moved[2].Weight * 99, moved[0].Weight);
        Assert.Equal((moved[0].Weight + moved[2].Weight) * 5, moved[1].Weight * 3);
    }

    [Fact]
    public void Weights_that_would_leave_their_bounds_are_none() =>
        Assert.Null(SplitBody.At([new("v1", 1), new("other", 999_999), new("v2", 0)], Spec, 100));

    [Fact]
    public void Only_weights_are_written_and_all_else_stays()
    {
        var body = Route("""{ "upstream": "v1" }, { "upstream": "v2", "weight": 0 }""");

        var written = ResourceReader.Read(SplitBody.Write(body, SplitKind.Route, [new("v1", 9_900), new("v2", 100)])).Body!;

        Assert.Equal(
            """{"kind":"Route","match":{"methods":["GET"],"path":"/shop"},"name":"shop","split":[{"upstream":"v1","weight":9900},{"upstream":"v2","weight":100}]}""", Encoding.UTF8.GetString(written.Json));
    }

    [Theory]
    [InlineData("""{ "upstream": "v1" }, { "upstream": "v3" }""", "to")]
    [InlineData("""{ "upstream": "v1", "weight": 0 }, { "upstream": "v2" }""", "from")]
    [InlineData("""{ "upstream": "v1", "weight": 9900 }, { "upstream": "v2", "weight": 100 }""", "steps[0].share")]
    public void What_cannot_be_moved_is_said_with_the_field(string split, string field) =>
        Assert.Equal(field, Assert.Single(SplitBody.Check(Spec, Route(split))).Path);

    [Fact]
    public void A_model_by_priority_has_no_weights_to_move()
    {
        var model = Read("""{ "kind": "Model", "name": "m", "strategy": "priority", "targets": [{ "provider": "p", "model": "a" }, { "provider": "p", "model": "b", "priority": 2 }] }""");

        Assert.Equal("model", Assert.Single(SplitBody.Check(Spec with { Kind = SplitKind.Model, Resource = "m" }, model)).Path);
        Assert.Equal("route", Assert.Single(SplitBody.Check(Spec, null)).Path);
    }

    private static ResourceBody Route(string split) => Read($$"""{ "kind": "Route", "name": "shop", "match": { "path": "/shop", "methods": ["GET"] }, "split": [{{split}}] }""");

    private static ResourceBody Read(string json) => ResourceReader.Read(Encoding.UTF8.GetBytes(json)).Body!;
}
