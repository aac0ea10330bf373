using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Fleet;

public sealed class PrepareTallyTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(7);
    private static readonly EdgeRefusal Reason = new("certificate", "Route/a", "no");
    private readonly PrepareTally _tally = new(["a", "b", "c"], Start);

    [Fact]
    public void Who_is_at_work_is_waited_for_however_long_it_takes()
    {
        Hear("a", 1);
        Hear("b", 2);
        Hear("c", 3);
        Answer("a", 4);
        Answer("b", 5);

        Assert.False(IsSettledAt(9_000));
        Answer("c", 9_001);
        Assert.True(IsSettledAt(9_001));
        Assert.Equal(3, _tally.Prepared);
    }

    [Fact]
    public void Who_did_not_hear_of_it_is_silent_after_four_times_what_the_slowest_other_took()
    {
        Hear("a", 5);
        Hear("b", 30);
        Answer("a", 35);
        Answer("b", 35);

        Assert.False(IsSettledAt(119));
        Assert.True(IsSettledAt(120));
        Assert.Equal(["c"], _tally.Awaited);
    }

    [Theory, InlineData(1, 50), InlineData(300, 500)]
    public void Silence_begins_within_bounds(int slowest, int begins)
    {
        Answer("a", slowest);
        Answer("b", slowest);

        Assert.False(IsSettledAt(begins - 1));
        Assert.True(IsSettledAt(begins));
    }

    [Fact]
    public void Where_nobody_heard_of_it_half_a_second_is_waited()
    {
        Assert.False(IsSettledAt(499));
        Assert.True(IsSettledAt(500));
    }

    [Fact]
    public void One_that_was_silent_and_heard_of_it_later_is_waited_for_again()
    {
        Answer("a", 1);
        Answer("b", 1);
        Hear("c", 60);

        Assert.False(IsSettledAt(1_000));
    }

    [Fact]
    public void Silent_ones_are_waited_for_where_the_caller_says_so_but_not_those_that_are_gone()
    {
        Answer("a", 1);
        Answer("b", 1);

        Assert.False(_tally.IsSettled(_ => true, now: null));
        Assert.True(_tally.IsSettled(edge => edge is not "c", now: null));
    }

    [Fact]
    public void One_refusal_ends_it()
    {
        _tally.Answer("b", Reason, At(1));
        _tally.Answer("c", Reason, At(2));

        Assert.True(_tally.IsSettled(_ => true, now: null));
        Assert.Equal(("b", Reason), (_tally.RefusedBy, _tally.Refusal));
    }

    private static TimeSpan At(int milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);

    private void Hear(string edge, int at) => _tally.Hear(edge, At(at));

    private void Answer(string edge, int at) => _tally.Answer(edge, refusal: null, At(at));

    private bool IsSettledAt(int milliseconds) => _tally.IsSettled(_ => true, At(milliseconds));
}
