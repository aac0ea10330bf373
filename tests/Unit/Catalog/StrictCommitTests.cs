using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Catalog;

public sealed class StrictCommitTests
{
    private static readonly HeadRow Row = EdgeSet.Enlist(new HeadRow(3, 7, "before"), ["a", "b"]);
    private static readonly Commit Commit = new(3, 8, "after", "id", "") { Held = ["a", "b"] };

    [Fact]
    public void A_row_all_of_whose_edges_hold_is_swapped() => Assert.IsType<CommitStep.Swap>(HeadMoves.Commit(Row, Commit));

    [Fact]
    public void One_with_an_edge_that_joined_since_is_not() =>
        Assert.Equal(["c"], Assert.IsType<CommitStep.Unheld>(HeadMoves.Commit(EdgeSet.Enlist(Row, ["c"]), Commit)).Edges);

    [Fact]
    public void A_marked_edge_that_does_not_hold_stands_in_the_way_until_it_is_out_of_the_set()
    {
        var marked = EdgeSet.Mark(EdgeSet.Enlist(Row, ["c"]), ["c"]);

        Assert.IsType<CommitStep.Unheld>(HeadMoves.Commit(marked, Commit));
        Assert.IsType<CommitStep.Swap>(HeadMoves.Commit(EdgeSet.Strike(marked, ["c"]), Commit));
    }

    [Fact]
    public void After_a_release_it_can_never_be_committed()
    {
        var released = HeadMoves.Release(Row, new Head(3, 8, "after"));

        Assert.Equal(4, released.Term);
        Assert.IsType<CommitStep.Lost>(HeadMoves.Commit(released, Commit));
    }

    [Fact]
    public void What_is_committed_or_was_released_before_is_not_released_again()
    {
        var committed = Assert.IsType<CommitStep.Swap>(HeadMoves.Commit(Row, Commit)).Next;
        var released = HeadMoves.Release(Row, new Head(3, 8, "after"));

        Assert.Same(committed, HeadMoves.Release(committed, new Head(3, 8, "after")));
        Assert.Same(released, HeadMoves.Release(released, new Head(3, 8, "after")));
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("", "strict: true", true)]
    [InlineData("strict: true", "", true)]
    [InlineData("strict: true", "strict: false", true)]
    [InlineData("strict: true", "strict: true", true)]
    public void The_stricter_of_what_is_active_and_what_is_to_be_counts(string before, string after, bool expected)
    {
        Assert.Equal(expected, Candidate.Check(Bodies(before), Bodies(after), new Ownership(Owners.Api, takeOver: false, new HashSet<ResourceKey>())).IsStrict);

        static ImmutableArray<ResourceBody> Bodies(string choices) =>
            choices.Length == 0 ? [] : Declared.Bodies($"{{ kind: Workspace, name: default, {choices} }}");
    }

    [Fact]
    public void What_an_edge_tells_of_another_candidate_does_not_count()
    {
        var tally = new HoldTally(new Head(3, 8, "after"));
        tally.Answer("a", new Head(3, 8, "after"));
        tally.Answer("b", new Head(2, 8, "after"));

        Assert.Equal(["b"], tally.Missing(["a", "b"]));
        Assert.Equal(["a"], tally.Held);
    }
}
