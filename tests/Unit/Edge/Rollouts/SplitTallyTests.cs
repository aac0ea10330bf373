using Sluice.Edge.Rollouts;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Tests.Unit.Edge.Rollouts;

public sealed class SplitTallyTests
{
    private static readonly WatchedSplit Split = new("r", 1, SplitKind.Route, "shop", "v1", "v2");

    [Fact]
    public async Task What_many_threads_count_while_batches_are_taken_is_sent_once()
    {
        const int Threads = 4;
        const int Each = 25_000;
        var tally = new SplitTally(Split);
        var (sent, batches) = (PartFigures.None, new List<long>());
        var counting = Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                tally.Of("v2")!.Count(new PartAnswer(i % 5 == 0, i % 5 == 1, false, TimeSpan.FromMilliseconds(1 + (i % 50)), 1_000));
            }
        })));

        while (!counting.IsCompleted)
        {
            Send();
            await Task.Yield();
        }

        await counting;
        Send();
        Send();

        Assert.Equal((Threads * Each, Threads * Each / 5, Threads * Each / 5), (sent.Requests, sent.Failures, sent.Refusals));
        Assert.Equal(Threads * Each, sent.Latency.Sum(b => b.Count));
        Assert.Equal(Threads * Each * 1_000L, sent.Cost.Sum(b => b.Sum));
        Assert.Equal(Enumerable.Range(1, batches.Count).Select(i => (long)i), batches);

        void Send()
        {
            if (tally.NextBatch("e") is { } batch)
            {
                sent = sent.Plus(batch.New);
                batches.Add(batch.Number);
                Assert.True(sent.Failures <= sent.Requests);
                tally.Answered();
            }
        }
    }

    [Fact]
    public void A_batch_is_the_same_until_it_is_answered()
    {
        var tally = new SplitTally(Split);
        tally.Of("v1")!.Count(new PartAnswer(true, false, false, TimeSpan.FromMilliseconds(3), null));
        var first = tally.NextBatch("e");
        tally.Of("v1")!.Count(new PartAnswer(false, false, false, TimeSpan.FromMilliseconds(3), null));

        Assert.Same(first, tally.NextBatch("e"));
        tally.Answered();
        Assert.Equal((2, 1, 0), tally.NextBatch("e") is { } next ? (next.Number, next.Old.Requests, next.Old.Failures) : default);
    }

    [Fact]
    public void Other_parts_are_not_counted_and_nothing_counted_is_no_batch()
    {
        var tally = new SplitTally(Split);

        Assert.Null(tally.Of("v3"));
        Assert.Null(tally.NextBatch("e"));
    }

    [Fact]
    public void Another_step_begins_anew_and_the_same_one_goes_on()
    {
        var splits = new WatchedSplits();
        splits.Watch([Split]);
        var before = splits.Tallies[0];

        splits.Watch([Split, Split with { Rollout = "other", Resource = "other" }]);
        Assert.Same(before, splits.Tallies[0]);

        splits.Watch([Split with { Step = 2 }]);
        Assert.NotSame(before, Assert.Single(splits.Tallies));
    }
}
