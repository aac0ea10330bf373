using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class EdgeMovesTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);
    private static readonly Head First = new(1, 1, "a");
    private static readonly Head Second = new(1, 2, "b");

    [Fact]
    public void No_lease_holds_before_the_first_grant() => Assert.False(Running(First).Holds(At(0)));

    [Fact]
    public void A_lease_is_counted_from_before_it_was_asked_for_not_from_its_answer()
    {
        var standing = EdgeMoves.Granted(Running(First), At(0), Length, First, 0);

        Assert.True(standing.Holds(At(2.999)));
        Assert.False(standing.Holds(At(3)));
    }

    [Fact]
    public void An_answer_that_comes_late_never_shortens_a_lease()
    {
        var standing = EdgeMoves.Granted(Running(First), At(1), Length, First, 0);

        Assert.True(EdgeMoves.Granted(standing, At(0), Length, First, 0).Holds(At(3.5)));
    }

    [Fact]
    public void A_grant_of_a_newer_head_counts_once_that_head_is_active()
    {
        var standing = EdgeMoves.Granted(Running(First), At(0), Length, Second, 0);
        Assert.False(standing.Holds(At(0)));

        Assert.True(EdgeMoves.Activated(standing, Second)!.Holds(At(1)));
    }

    [Fact]
    public void A_grant_that_requires_a_change_counts_once_it_is_applied()
    {
        var standing = EdgeMoves.Granted(Running(First), At(0), Length, First, 7);
        Assert.False(EdgeMoves.Applied(standing, 6).Holds(At(0)));

        Assert.True(EdgeMoves.Applied(standing, 7).Holds(At(0)));
    }

    [Fact]
    public void The_lease_of_before_holds_on_while_a_newer_head_is_loaded()
    {
        var standing = EdgeMoves.Granted(EdgeMoves.Granted(Running(First), At(0), Length, First, 0), At(1), Length, Second, 0);

        Assert.True(standing.Holds(At(2.9)));
        Assert.False(standing.Holds(At(3.1)));
    }

    [Fact]
    public void A_lease_ends_when_the_wall_clock_says_so_though_the_monotonic_clock_stood_still()
    {
        var standing = EdgeMoves.Granted(Running(First), At(0), Length, First, 0);

        Assert.False(standing.Holds(new Instant(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))));
    }

    [Fact]
    public void An_older_or_equal_head_is_not_activated()
    {
        Assert.Null(EdgeMoves.Activated(Running(Second), First));
        Assert.Null(EdgeMoves.Activated(Running(Second), Second));
    }

    [Fact]
    public void Who_left_holds_nothing() =>
        Assert.False(EdgeMoves.Left(EdgeMoves.Granted(Running(First), At(0), Length, First, 0)).Holds(At(0)));

    [Fact]
    public void Who_holds_for_a_candidate_admits_again_once_it_runs_it()
    {
        var held = EdgeMoves.Hold(Leased(First), Second);

        Assert.True(held.Holds(At(0)));
        Assert.False(held.Admits(At(0)));
        Assert.True(EdgeMoves.Activated(held, Second)!.Admits(At(0)));
    }

    [Fact]
    public void The_same_revision_under_a_later_term_ends_a_hold_for_the_candidate_can_never_be_committed() =>
        Assert.True(EdgeMoves.Activated(EdgeMoves.Hold(Leased(First), Second), First with { Term = 2 })!.Admits(At(0)));

    [Fact]
    public void Neither_time_nor_a_new_lease_ends_a_hold()
    {
        var held = EdgeMoves.Hold(Leased(First), Second);

        Assert.False(EdgeMoves.Granted(held, At(60), Length, First, 0).Admits(At(61)));
    }

    [Fact]
    public void Of_two_candidates_the_later_one_is_held_for_in_whichever_order_they_come()
    {
        var later = Second with { Term = 2 };

        Assert.Equal(later, EdgeMoves.Hold(EdgeMoves.Hold(Leased(First), Second), later).Held);
        Assert.Equal(later, EdgeMoves.Hold(EdgeMoves.Hold(Leased(First), later), Second).Held);
    }

    [Fact]
    public void A_candidate_that_was_overtaken_is_not_held_for() => Assert.Null(EdgeMoves.Hold(Leased(Second), Second).Held);

    private static EdgeStanding Leased(Head head) => EdgeMoves.Granted(Running(head), At(0), Length, head, 0);

    private static EdgeStanding Running(Head head) => EdgeMoves.Activated(EdgeStanding.Start, head)!;

    private static Instant At(double seconds) => new(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds));
}
