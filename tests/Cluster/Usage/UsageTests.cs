using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Cluster.Usage;

public sealed class UsageTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    private TenantDay Day => new(cluster, _workspace);

    [Fact]
    public async Task A_batch_that_comes_twice_or_late_is_counted_once()
    {
        await Day.SumAsync("edge-1", 1, TenantDay.Row(9, "k1", "gpt", 10));
        await Day.SumAsync("edge-1", 2, TenantDay.Row(9, "k1", "gpt", 5));

        await Day.SumAsync("edge-1", 2, TenantDay.Row(9, "k1", "gpt", 5));
        await Day.SumAsync("edge-1", 1, TenantDay.Row(9, "k1", "gpt", 10));
        await Day.SumAsync("edge-2", 1, TenantDay.Row(9, "k1", "gpt", 100));

        Assert.Equal((3, 115), Assert.Single((await Day.Grain.GetSumsAsync()).Rows) is var row ? (row.Used.Requests, row.Used.Tokens.Input) : default);
    }

    [Fact]
    public async Task Rows_are_kept_apart_by_hour_key_and_model_and_days_by_their_grain()
    {
        await Day.SumAsync(
            "edge-1",
            1,
            TenantDay.Row(9, "k1", "gpt", 1),
            TenantDay.Row(10, "k1", "gpt", 2),
            TenantDay.Row(9, "k2", "gpt", 4),
            TenantDay.Row(9, "k1", "mini", 8),
            TenantDay.Row(9, "k1", "gpt", 16));
        var next = new TenantDay(cluster, _workspace, 20260201);
        await next.SumAsync("edge-1", 1, TenantDay.Row(9, "k1", "gpt", 32));

        var rows = (await Day.Grain.GetSumsAsync()).Rows;

        Assert.Equal(
            [((9, "k1", "gpt"), 17L), ((9, "k1", "mini"), 8L), ((9, "k2", "gpt"), 4L), ((10, "k1", "gpt"), 2L)],
            rows.Select(r => ((r.Key.Hour, r.Key.KeyId, r.Key.Model), r.Used.Tokens.Input)).Order());
        Assert.Equal(32, Assert.Single((await next.Grain.GetSumsAsync()).Rows).Used.Tokens.Input);
    }

    [Fact]
    public async Task Edges_that_record_at_one_time_lose_nothing_of_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async edge =>
        {
            for (var number = 1; number <= 20; number++)
            {
                await Day.RecordAsync($"edge-{edge}", number, TenantDay.Record(number, $"edge-{edge}"));
            }
        }));

        var sums = await Day.Grain.GetSumsAsync();
        Assert.Equal(160, Assert.Single(sums.Rows).Used.Requests);
        Assert.Equal(8, sums.Charges.Length);
        Assert.All(sums.Charges, charge => Assert.Equal(210, charge.Amount));
        Assert.Equal(160, (await Day.RecordsAsync()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Records_that_a_next_start_tells_again_in_other_batches_are_counted_once()
    {
        await Day.RecordAsync(10, TenantDay.Record(1), TenantDay.Record(2));

        // From a journal: as many as fit into a batch, from the oldest that is still there.
        await Day.RecordAsync(3, TenantDay.Record(1), TenantDay.Record(2), TenantDay.Record(3));
        await Day.RecordAsync(3, TenantDay.Record(1), TenantDay.Record(2), TenantDay.Record(3));

        Assert.Equal(["edge-1-1", "edge-1-2", "edge-1-3"], await Day.RecordsAsync());
        Assert.Equal((3, 6), Assert.Single((await Day.Grain.GetSumsAsync()).Rows) is var row ? (row.Used.Requests, row.Used.Tokens.Input) : default);
    }

    [Fact]
    public async Task A_batch_that_was_answered_is_known_after_the_silo_was_killed_and_not_counted_again()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var day = new TenantDay(own, _workspace);
        await day.RecordAsync(2, TenantDay.Record(1));
        await day.SumAsync("edge-1", 3, TenantDay.Row(9, "k1", "gpt", 10));

        await own.RestartAsync(kill: true);

        await day.RecordAsync(2, TenantDay.Record(1));
        await day.SumAsync("edge-1", 3, TenantDay.Row(9, "k1", "gpt", 10));
        Assert.Equal((2, 11), Assert.Single((await day.Grain.GetSumsAsync()).Rows) is var row ? (row.Used.Requests, row.Used.Tokens.Input) : default);
        Assert.Equal(["edge-1-1"], await day.RecordsAsync());
    }

    [Fact]
    public async Task Where_the_cluster_is_torn_both_halves_together_count_each_batch_once()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        await using var torn = await own.StartTornOffAsync();
        var (here, there) = (new TenantDay(own, _workspace), new TenantDay(torn, _workspace));
        await here.RecordAsync("edge-1", 2, TenantDay.Record(1));
        await there.RecordAsync("edge-2", 2, TenantDay.Record(1, "edge-2"));

        // This half does not know of the row: it is refused its place, and its next activation reads what is there.
        await Assert.ThrowsAnyAsync<Exception>(() => here.RecordAsync("edge-1", 4, TenantDay.Record(3)));
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await here.RecordAsync("edge-1", 4, TenantDay.Record(3));
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        });

        Assert.Equal(["edge-1-1", "edge-1-3", "edge-2-1"], await here.RecordsAsync());
        Assert.Equal(3, Assert.Single((await here.Grain.GetSumsAsync()).Rows).Used.Requests);
    }
}
