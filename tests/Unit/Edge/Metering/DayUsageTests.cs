using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class DayUsageTests
{
    private readonly DayUsage _usage = new(new WaitingRoom(10));
    private long _sequence;

    [Fact]
    public void Requests_of_the_same_key_are_summed_in_one_row()
    {
        _usage.TryAdd(Row("gpt", 10, 5));
        _usage.TryAdd(Row("gpt", 1, 2));

        var row = Assert.Single(Next()!.Rows);

        Assert.Equal((2, 11, 7, 6), (row.Used.Requests, row.Used.Tokens.Input, row.Used.CostNano, row.Used.Tokens.Output));
    }

    [Fact]
    public void A_batch_that_was_not_answered_is_sent_again_with_its_number_and_content()
    {
        _usage.TryAdd(Row("gpt", 10, 5));
        Add("a");
        var first = Next()!;

        _usage.TryAdd(Row("gpt", 1, 1));
        Add("b");

        Assert.Same(first, Next());
        _usage.Answered(first.Number);
        var second = Next()!;
        Assert.True(second.Number > first.Number);
        Assert.Equal(1, Assert.Single(second.Rows).Used.Tokens.Input);
        Assert.Equal("b", Assert.Single(second.Records).RequestId);
        _usage.Answered(first.Number);
        Assert.Same(second, Next());
        _usage.Answered(second.Number);
        Assert.Null(Next());
        Assert.True(_usage.IsEmpty);
    }

    [Fact]
    public void Records_are_numbered_in_their_order_and_known_to_be_answered_by_their_number()
    {
        Add("a");
        Add("b");
        var batch = Next()!;

        Assert.Equal([("a", 1L), ("b", 2L)], batch.Records.Select(record => (record.RequestId, record.Sequence)));
        Assert.False(_usage.IsAnswered(1));
        _usage.Answered(batch.Number);
        Assert.True(_usage.IsAnswered(2));
        Assert.False(_usage.IsAnswered(3));
    }

    [Fact]
    public void A_day_with_something_to_send_does_not_close_and_a_closed_one_takes_nothing()
    {
        Add("a");

        Assert.False(_usage.TryClose());
        _usage.Answered(Next()!.Number);
        Assert.True(_usage.TryClose());
        Assert.False(_usage.TryAdd(Row("gpt", 1, 1)));
        Assert.False(Add("b"));
    }

    [Fact]
    public void A_large_day_is_sent_in_parts_and_nothing_is_lost_beyond_its_bound()
    {
        const int many = DayUsage.MostWaiting + 500;
        for (var i = 0; i < many; i++)
        {
            _usage.TryAdd(Row($"model-{i}", 1, 1));
        }

        var requests = 0L;
        var others = 0L;
        while (Next() is { } batch)
        {
            Assert.True(batch.Rows.Length <= DayUsage.MostRows);
            requests += batch.Rows.Sum(row => row.Used.Requests);
            others += batch.Rows.Where(row => row.Key.Model is DayUsage.OtherModels).Sum(row => row.Used.Requests);
            _usage.Answered(batch.Number);
        }

        Assert.Equal((many, 500), (requests, others));
    }

    [Fact]
    public void A_record_that_finds_no_room_and_no_journal_is_counted_as_a_sum_and_said_to_be_lost()
    {
        var lost = 0;
        for (var i = 0; i < 12; i++)
        {
            Assert.True(_usage.TryAdd(Attempts.Record($"r{i}"), ref _sequence, journal: null, begun: null, out var isLost));
            lost += isLost ? 1 : 0;
        }

        var batch = Next()!;

        Assert.Equal((2, 10), (lost, batch.Records.Length));
        Assert.Equal((2, 20), Assert.Single(batch.Rows) is var row ? (row.Used.Requests, row.Used.Tokens.Input) : default);
    }

    private static UsageRow Row(string model, long input, long cost) =>
        new(new UsageKey(3, "key", model, "provider/model", 200, UsageSource.Reported), new UsageFigures(1, new TokenCounts { Input = input, Output = 3 }, cost));

    private bool Add(string request) => _usage.TryAdd(Attempts.Record(request), ref _sequence, journal: null, begun: null, out _);

    private UsageBatch? Next() => _usage.NextBatch("edge", ref _sequence);
}
