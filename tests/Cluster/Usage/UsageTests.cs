using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Cluster.Usage;

public sealed class UsageTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    [Fact]
    public async Task A_batch_that_comes_twice_or_late_is_counted_once()
    {
        var day = Day("20260131");
        await day.RecordAsync(new UsageBatch("edge-1", 1, [Row(9, "k1", "gpt", 10)]));
        await day.RecordAsync(new UsageBatch("edge-1", 2, [Row(9, "k1", "gpt", 5)]));

        await day.RecordAsync(new UsageBatch("edge-1", 2, [Row(9, "k1", "gpt", 5)]));
        await day.RecordAsync(new UsageBatch("edge-1", 1, [Row(9, "k1", "gpt", 10)]));
        await day.RecordAsync(new UsageBatch("edge-2", 1, [Row(9, "k1", "gpt", 100)]));

        Assert.Equal((3, 115), Assert.Single(await day.GetRowsAsync()) is var row ? (row.Requests, row.InputTokens) : default);
    }

    [Fact]
    public async Task Rows_are_kept_apart_by_hour_key_and_model_and_days_by_their_grain()
    {
        await Day("20260131").RecordAsync(new UsageBatch(
            "edge-1", 1, [Row(9, "k1", "gpt", 1), Row(10, "k1", "gpt", 2), Row(9, "k2", "gpt", 4), Row(9, "k1", "mini", 8), Row(9, "k1", "gpt", 16)]));
        await Day("20260201").RecordAsync(new UsageBatch("edge-1", 1, [Row(9, "k1", "gpt", 32)]));

        var rows = await Day("20260131").GetRowsAsync();

        Assert.Equal(
            [((9, "k1", "gpt"), 17L), ((9, "k1", "mini"), 8L), ((9, "k2", "gpt"), 4L), ((10, "k1", "gpt"), 2L)],
            rows.Select(r => ((r.Key.Hour, r.Key.KeyId, r.Key.Model), r.InputTokens)).Order());
        Assert.Equal(32, Assert.Single(await Day("20260201").GetRowsAsync()).InputTokens);
    }

    [Fact]
    public async Task Edges_that_record_at_one_time_lose_nothing_of_each_other()
    {
        var day = Day("20260131");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async edge =>
        {
            for (var number = 1; number <= 20; number++)
            {
                await day.RecordAsync(new UsageBatch($"edge-{edge}", number, [Row(9, "k1", "gpt", 1)]));
            }
        }));

        Assert.Equal(160, Assert.Single(await day.GetRowsAsync()).InputTokens);
    }

    [Fact]
    public async Task A_batch_that_was_answered_is_known_after_the_silo_was_killed_and_not_counted_again()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var batch = new UsageBatch("edge-1", 1, [Row(9, "k1", "gpt", 10)]);
        await own.Client.GetGrain<IUsageGrain>(GrainKeys.Join(_workspace, "acme", "20260131")).RecordAsync(batch);

        await own.RestartAsync(kill: true);

        var day = own.Client.GetGrain<IUsageGrain>(GrainKeys.Join(_workspace, "acme", "20260131"));
        await day.RecordAsync(batch);
        Assert.Equal(10, Assert.Single(await day.GetRowsAsync()).InputTokens);
    }

    private static UsageRow Row(int hour, string key, string model, long tokens) =>
        new(new UsageKey(hour, key, model, "p/m", 200, UsageSource.Reported), 1, tokens, 0, 0, 0, 0);

    private IUsageGrain Day(string day) => cluster.Client.GetGrain<IUsageGrain>(GrainKeys.Join(_workspace, "acme", day));
}
