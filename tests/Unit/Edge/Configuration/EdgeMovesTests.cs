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

    private static EdgeStanding Running(Head head) => EdgeMoves.Activated(EdgeStanding.Start, head)!;

    private static Instant At(double seconds) => new(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds));
}
