using Sluice.Grains.Budgets;

namespace Sluice.Tests.Unit.Accounts;

public sealed class RecallBoardTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly RecallBoard _board = new(1_000, TimeSpan.Zero);

    [Fact]
    public void A_recall_is_under_way_until_all_who_listen_have_answered_it()
    {
        Assert.True(_board.Listen("a", 0, Second));
        Assert.True(_board.Listen("b", 0, Second));

        _board.Ask(Second * 2);
        _board.Ask(Second * 2);

        Assert.Equal(1_001, _board.Number);
        Assert.True(_board.Listen("a", 1_001, Second * 2));
        Assert.True(_board.IsUnderWay(Second * 2));
        Assert.True(_board.Listen("b", 1_001, Second * 2));
        Assert.False(_board.IsUnderWay(Second * 2));
    }

    [Fact]
    public void Who_does_not_answer_is_waited_for_a_second_and_then_not_again_before_it_is_heard_of()
    {
        _board.Expect("dead", Second);
        _board.Ask(Second * 2);
        Assert.True(_board.IsUnderWay(Second * 2.9));
        Assert.False(_board.IsUnderWay(Second * 3));

        _board.Ask(Second * 4);
        Assert.False(_board.IsUnderWay(Second * 4));
        Assert.False(_board.Listen("dead", 0, Second * 5));
        Assert.False(_board.IsUnderWay(Second * 5.1));
    }

    [Fact]
    public void A_new_activation_gives_those_who_listened_to_the_old_one_time_to_be_heard()
    {
        _board.Ask(Second / 2);

        Assert.True(_board.IsUnderWay(Second * 0.9));
        Assert.False(_board.IsUnderWay(Second));
    }
}
