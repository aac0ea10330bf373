using CsCheck;
using Sluice.Edge.Configuration;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class ChangeSequenceTests
{
    [Fact]
    public void The_next_change_applies_one_from_before_was_seen_and_one_from_beyond_shows_a_gap()
    {
        var sequence = new ChangeSequence(5);

        Assert.Equal(ChangeStep.Apply, sequence.Stream(6));
        Assert.Equal(ChangeStep.Seen, sequence.Stream(6));
        Assert.Equal(ChangeStep.Seen, sequence.Stream(2));
        Assert.Equal(ChangeStep.Gap, sequence.Stream(8));
        Assert.Equal(6, sequence.Last);
    }

    [Fact]
    public void What_the_log_told_is_not_applied_again_when_the_stream_brings_it_late()
    {
        var sequence = new ChangeSequence(0);
        sequence.CaughtUp(3);

        Assert.Equal(ChangeStep.Seen, sequence.Stream(2));
        Assert.Equal(ChangeStep.Apply, sequence.Stream(4));
        Assert.False(sequence.IsBehind(4));
        Assert.True(sequence.IsBehind(5));
    }

    [Fact]
    public void A_stream_that_brings_everything_by_the_next_renewal_is_not_lost()
    {
        var sequence = new ChangeSequence(0);
        for (var change = 1; change < 10; change++)
        {
            Assert.False(sequence.StreamIsLost(change));
            sequence.CaughtUp(change);
            sequence.Stream(change);
        }

        Assert.False(sequence.StreamIsLost(9));
    }

    [Fact]
    public void A_change_that_did_not_come_by_stream_until_the_next_renewal_shows_that_the_stream_is_lost_once()
    {
        var sequence = new ChangeSequence(0);
        Assert.False(sequence.StreamIsLost(1));
        sequence.CaughtUp(1);

        Assert.True(sequence.StreamIsLost(1));
        Assert.False(sequence.StreamIsLost(1));
        Assert.False(sequence.StreamIsLost(1));
    }

    [Fact]
    public void However_the_stream_loses_doubles_and_reorders_every_change_is_known_after_a_renewal()
    {
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 40].Array[0, 60]).Sample((last, deliveries) =>
        {
            var sequence = new ChangeSequence(0);
            var known = new HashSet<long>();
            foreach (var number in deliveries.Where(number => number > 0 && number <= last))
            {
                if (sequence.Stream(number) == ChangeStep.Apply)
                {
                    known.Add(number);
                }
            }

            for (var number = sequence.Last + 1; sequence.IsBehind(last); number++)
            {
                known.Add(number);
                sequence.CaughtUp(number);
            }

            Assert.Equal(last, known.Count);
        });
    }
}
