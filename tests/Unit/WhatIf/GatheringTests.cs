using Sluice.Grains.Calls;
using Sluice.Grains.Interfaces.Calls;

namespace Sluice.Tests.Unit.WhatIf;

public sealed class GatheringTests
{
    private static readonly CallSum Sum = new(IsOff: false, DateTimeOffset.UnixEpoch, 3, 0);

    [Fact]
    public void It_is_complete_when_every_edge_has_told_every_part()
    {
        var gathering = new Gathering(7);
        gathering.Take(Batch("a", 0, isLast: true));
        gathering.Await(["a", "b"]);
        gathering.Take(Batch("b", 1, isLast: true));
        Assert.False(gathering.Complete.IsCompleted);

        gathering.Take(Batch("b", 0, isLast: false));

        Assert.True(gathering.Complete.IsCompleted);
        Assert.Equal(["a", "b"], gathering.Result().Edges.Select(e => e.Edge));
        Assert.Empty(gathering.Result().Silent);
    }

    [Fact]
    public void Who_told_nothing_or_not_all_is_named_and_who_was_not_asked_is_left_out()
    {
        var gathering = new Gathering(7);
        gathering.Await(["a", "b", "c"]);
        gathering.Take(Batch("a", 0, isLast: true));
        gathering.Take(Batch("a", 0, isLast: true));
        gathering.Take(Batch("b", 0, isLast: false));
        gathering.Take(Batch("d", 0, isLast: true));
        gathering.Take(Batch("c", 0, isLast: true) with { Wanted = 6 });

        Assert.False(gathering.Complete.IsCompleted);
        Assert.Equal(["a"], gathering.Result().Edges.Select(e => e.Edge));
        Assert.Equal(["b", "c"], gathering.Result().Silent);
    }

    [Fact]
    public void Without_edges_it_is_complete_at_once()
    {
        var gathering = new Gathering(7);
        gathering.Await([]);
        Assert.True(gathering.Complete.IsCompleted);
    }

    private static CallBatch Batch(string edge, int part, bool isLast) => new(7, edge, part, isLast, [], Sum);
}
