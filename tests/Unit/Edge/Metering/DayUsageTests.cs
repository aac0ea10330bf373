using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class DayUsageTests
{
    [Fact]
    public void Requests_of_the_same_key_are_summed_in_one_row()
    {
        var usage = new DayUsage();
        usage.TryAdd(Row("gpt", 10, 5));
        usage.TryAdd(Row("gpt", 1, 2));

        var batch = usage.NextBatch("edge");

        var row = Assert.Single(batch!.Rows);
        Assert.Equal((2, 11, 7, 6), (row.Requests, row.InputTokens, row.CostNano, row.OutputTokens));
    }

    [Fact]
    public void A_batch_that_was_not_answered_is_sent_again_with_its_number_and_content()
    {
        var usage = new DayUsage();
        usage.TryAdd(Row("gpt", 10, 5));
        var first = usage.NextBatch("edge")!;

        usage.TryAdd(Row("gpt", 1, 1));

        Assert.Same(first, usage.NextBatch("edge"));
        usage.Answered(first.Number);
        var second = usage.NextBatch("edge")!;
        Assert.Equal(first.Number + 1, second.Number);
        Assert.Equal(1, Assert.Single(second.Rows).InputTokens);
        usage.Answered(first.Number);
        Assert.Same(second, usage.NextBatch("edge"));
        usage.Answered(second.Number);
        Assert.Null(usage.NextBatch("edge"));
        Assert.True(usage.IsEmpty);
    }

    [Fact]
    public void A_day_with_something_to_send_does_not_close_and_a_closed_one_takes_nothing()
    {
        var usage = new DayUsage();
        usage.TryAdd(Row("gpt", 10, 5));

        Assert.False(usage.TryClose());
        usage.Answered(usage.NextBatch("edge")!.Number);
        Assert.True(usage.TryClose());
        Assert.False(usage.TryAdd(Row("gpt", 1, 1)));
    }

    [Fact]
    public void A_large_day_is_sent_in_parts_and_nothing_is_lost_beyond_its_bound()
    {
        var usage = new DayUsage();
        const int many = DayUsage.MostWaiting + 500;
        for (var i = 0; i < many; i++)
        {
            usage.TryAdd(Row($"model-{i}", 1, 1));
        }

        var requests = 0L;
        var others = 0L;
        while (usage.NextBatch("edge") is { } batch)
        {
            Assert.True(batch.Rows.Length <= DayUsage.MostRows);
            requests += batch.Rows.Sum(row => row.Requests);
            others += batch.Rows.Where(row => row.Key.Model is DayUsage.OtherModels).Sum(row => row.Requests);
            usage.Answered(batch.Number);
        }

        Assert.Equal((many, 500), (requests, others));
    }

    private static UsageRow Row(string model, long input, long cost) =>
        new(new UsageKey(3, "key", model, "provider/model", 200, UsageSource.Reported), 1, input, 0, 3, 0, cost);
}
