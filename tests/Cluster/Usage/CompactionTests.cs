using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Cluster.Usage;

public sealed class CompactionTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    private TenantDay Day => new(cluster, _workspace);

    [Fact]
    public async Task A_day_that_is_over_comes_to_rest_in_one_file_with_every_record_once()
    {
        await Day.RecordAsync(3, TenantDay.Record(1), TenantDay.Record(2));
        await Day.Grain.SettleAsync();
        await Day.RecordAsync(5, TenantDay.Record(4));
        var sums = await Day.Grain.GetSumsAsync();

        await SettleAsync(Day);

        Assert.Equal(["edge-1-1", "edge-1-2", "edge-1-4"], await Day.RecordsAsync());
        var file = Assert.Single((await Day.Grain.GetPlacesAsync()).Files);
        Assert.Equal((3, 1, 4), (file.Records, file.First.Second, file.Last.Second));
        Assert.EndsWith(".parquet", Assert.Single(cluster.Archive.FilesOf(_workspace)), StringComparison.Ordinal);
        Assert.Equal(sums.Rows.AsEnumerable(), (await Day.Grain.GetSumsAsync()).Rows);
    }

    [Fact]
    public async Task What_comes_after_a_day_was_settled_is_counted_and_settled_again()
    {
        await Day.RecordAsync(2, TenantDay.Record(1));
        await SettleAsync(Day);

        await Day.RecordAsync(4, TenantDay.Record(1), TenantDay.Record(3));
        await SettleAsync(Day);

        Assert.Equal(["edge-1-1", "edge-1-3"], await Day.RecordsAsync());
        Assert.Single(cluster.Archive.FilesOf(_workspace));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_silo_that_is_killed_after_it_wrote_a_file_leaves_every_record_in_one_place(int file)
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var day = new TenantDay(own, _workspace);
        await day.RecordAsync(3, TenantDay.Record(1), TenantDay.Record(2));
        await SettleAsync(day);
        await day.RecordAsync(5, TenantDay.Record(4));
        for (var whole = 1; whole < file; whole++)
        {
            // The first file is of what waited; the second one brings both together.
            await day.Grain.SettleAsync();
        }

        own.Archive.OnWritten = _ => throw new IOException("the silo is lost here");
        await Assert.ThrowsAnyAsync<Exception>(() => day.Grain.SettleAsync());
        await own.RestartAsync(kill: true);
        own.Archive.OnWritten = static _ => Task.CompletedTask;

        Assert.Equal(["edge-1-1", "edge-1-2", "edge-1-4"], await day.RecordsAsync());
        await SettleAsync(day);
        Assert.Equal(["edge-1-1", "edge-1-2", "edge-1-4"], await day.RecordsAsync());
        Assert.Single(own.Archive.FilesOf(_workspace));
    }

    [Fact]
    public async Task Where_a_cluster_is_torn_one_half_does_not_remove_what_the_other_half_has_just_brought_to_a_file()
    {
        await using var one = new ClusterFixture();
        await one.InitializeAsync();
        await using var other = await one.StartTornOffAsync();
        var (day, same) = (new TenantDay(one, _workspace), new TenantDay(other, _workspace));
        await day.RecordAsync(3, TenantDay.Record(1), TenantDay.Record(2));

        // The other half reads the row while it still says that the file is doomed.
        one.Archive.OnWritten = _ => same.Grain.GetPlacesAsync();
        await SettleAsync(day);
        await Assert.ThrowsAnyAsync<Exception>(() => same.Grain.SettleAsync());

        Assert.Equal(["edge-1-1", "edge-1-2"], await day.RecordsAsync());
        await SettleAsync(same);
        Assert.Equal(["edge-1-1", "edge-1-2"], await same.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_cluster_is_torn_one_half_finds_the_records_that_the_other_half_has_brought_to_a_file_since(bool areInFiles)
    {
        await using var one = new ClusterFixture();
        await one.InitializeAsync();
        await using var other = await one.StartTornOffAsync();
        var (day, same) = (new TenantDay(one, _workspace), new TenantDay(other, _workspace));
        await day.RecordAsync(3, TenantDay.Record(1), TenantDay.Record(2));
        if (areInFiles)
        {
            await day.Grain.SettleAsync();
            await day.RecordAsync(5, TenantDay.Record(4));
            await day.Grain.SettleAsync();
            Assert.Equal(2, (await day.Grain.GetPlacesAsync()).Files.Length);
        }

        // From here on the other half knows the row as it is now.
        var before = await same.RecordsAsync();
        await SettleAsync(day);

        Assert.Equal(before, await same.RecordsAsync());
        Assert.Equal((await day.Grain.GetPlacesAsync()).Files.AsEnumerable(), (await same.Grain.GetPlacesAsync()).Files);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told_and_not_passed_over()
    {
        await Day.RecordAsync(3, TenantDay.Record(1));
        await SettleAsync(Day);
        File.Delete(Assert.Single(cluster.Archive.FilesOf(_workspace)));

        await Assert.ThrowsAsync<InvalidDataException>(Day.RecordsAsync);
    }

    [Fact]
    public async Task Days_and_tenants_are_known_before_their_first_record()
    {
        await Day.RecordAsync(2, TenantDay.Record(1));
        await new TenantDay(cluster, _workspace, tenant: "beta").RecordAsync(2, TenantDay.Record(1));
        await new TenantDay(cluster, _workspace, 20260201).RecordAsync(2, TenantDay.Record(1));

        Assert.Equal([20260131, 20260201], await Days.ListAsync());
        Assert.Equal(["acme", "beta"], await Tenants(20260131).ListAsync(null, 10));
        Assert.Equal(["beta"], await Tenants(20260131).ListAsync("acme", 10));
        Assert.Equal(["acme"], await Tenants(20260201).ListAsync(null, 10));
    }

    [Fact]
    public async Task Days_are_settled_once_over_and_let_go_when_they_are_old_the_records_before_the_sums()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();

        // Noon of tomorrow, so that no step meets a midnight by chance.
        var now = own.Time.GetUtcNow();
        own.Time.Advance(now.Date.AddHours(36) - now.DateTime);
        var day = new TenantDay(own, _workspace, UsageRows.DayOf(own.Time.GetUtcNow()));
        var days = own.Client.GetGrain<IUsageDaysGrain>(_workspace);
        await day.RecordAsync(2, TenantDay.Record(1));

        await days.UpkeepAsync();
        Assert.Empty(own.Archive.FilesOf(_workspace));

        own.Time.Advance(TimeSpan.FromDays(1));
        await days.UpkeepAsync();
        Assert.Single(own.Archive.FilesOf(_workspace));

        own.Time.Advance(TimeSpan.FromDays(90));
        await days.UpkeepAsync();
        Assert.Empty(own.Archive.FilesOf(_workspace));
        Assert.Empty(await day.RecordsAsync());
        Assert.Equal(1, Assert.Single((await day.Grain.GetSumsAsync()).Rows).Used.Requests);

        own.Time.Advance(TimeSpan.FromDays(710));
        await days.UpkeepAsync();
        Assert.Empty(await days.ListAsync());
        Assert.Empty((await day.Grain.GetSumsAsync()).Rows);
    }

    private IUsageDaysGrain Days => cluster.Client.GetGrain<IUsageDaysGrain>(_workspace);

    private static async Task SettleAsync(TenantDay day)
    {
        while (!await day.Grain.SettleAsync())
        {
            // One step after the other.
        }
    }

    private IUsageDayGrain Tenants(int day) => cluster.Client.GetGrain<IUsageDayGrain>(GrainKeys.Join(_workspace, $"{day}"));
}
