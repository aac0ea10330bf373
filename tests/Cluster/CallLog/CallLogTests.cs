using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.CallLog;

namespace Sluice.Tests.Cluster.CallLog;

/// <summary>What edges send to the call log, and what becomes of its files.</summary>
public sealed class CallLogTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    private ICallDaysGrain Days => cluster.Client.GetGrain<ICallDaysGrain>(_workspace);

    [Fact]
    public async Task A_batch_is_in_a_file_when_it_is_answered_and_once_however_often_it_is_sent()
    {
        var day = Day(20300102);
        await Task.WhenAll(day.AppendAsync(Batch("a", 1, 10, 11)), day.AppendAsync(Batch("a", 1, 10, 11)), day.AppendAsync(Batch("b", 1, 10)));
        await day.AppendAsync(Batch("a", 1, 10, 11));
        await day.AppendAsync(Batch("a", 2, 11));

        var files = await day.FilesAsync(0, 23);

        Assert.Equal(4, files.Sum(file => file.Calls));
        Assert.Equal(files.Select(file => file.Name).Order(StringComparer.Ordinal), Stored());
        Assert.Equal(2, (await day.FilesAsync(10, 10)).Sum(file => file.Calls));
        Assert.Equal([20300102], await Days.ListAsync());
    }

    [Fact]
    public async Task Files_of_hours_that_are_over_become_one_each_and_a_day_that_is_old_is_let_go()
    {
        var day = Day(20260102);
        for (var number = 1; number <= 3; number++)
        {
            await day.AppendAsync(Batch("a", number, 10, 11, 11));
        }

        await Days.UpkeepAsync();

        // The day is older than thirty days: nothing of it is left.
        Assert.Empty(await day.FilesAsync(0, 23));
        Assert.Empty(Stored());
        Assert.Empty(await Days.ListAsync());

        var today = Day(UsageRows.DayOf(cluster.Time.GetUtcNow()) - 1);
        await today.AppendAsync(Batch("a", 4, 10, 11));
        await today.AppendAsync(Batch("a", 5, 10));
        Assert.True(await MergedAsync(today));
        Assert.Equal([2, 1], (await today.FilesAsync(0, 23)).OrderBy(file => file.Hour).Select(file => file.Calls));
        Assert.Equal(2, Stored().Length);
    }

    [Fact]
    public async Task What_a_silo_was_writing_when_it_was_killed_is_gone_and_is_written_again()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var day = own.Client.GetGrain<ICallLogGrain>(GrainKeys.Join(_workspace, "20300102"));
        await day.AppendAsync(Batch("a", 1, 10));
        own.CallFiles.OnWritten = _ => throw new IOException("The silo is killed here.");
        await Assert.ThrowsAnyAsync<Exception>(() => day.AppendAsync(Batch("a", 2, 10)));
        own.CallFiles.OnWritten = static _ => Task.CompletedTask;
        await own.RestartAsync(kill: true);

        await own.Client.GetGrain<ICallLogGrain>(GrainKeys.Join(_workspace, "20300102")).AppendAsync(Batch("a", 2, 10));

        var files = await own.Client.GetGrain<ICallLogGrain>(GrainKeys.Join(_workspace, "20300102")).FilesAsync(0, 23);
        Assert.Equal(2, files.Sum(file => file.Calls));
        Assert.Equal(files.Length, own.CallFiles.FilesOf(_workspace).Length);
    }

    private static async Task<bool> MergedAsync(ICallLogGrain day)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            if (await day.MergeAsync())
            {
                return true;
            }
        }

        return false;
    }

    private static LoggedCalls Batch(string edge, long number, params int[] hours) => new(edge, number, [.. hours.Select((hour, i) => new LoggedCall(
        string.Create(CultureInfo.InvariantCulture, $"{edge}-{number}-{i}"), "acme", "", "", [], "GET", "h", "/", "route/a", "u", "", false, 200, UsageSource.None, default, 0,
        new DateTimeOffset(2030, 1, 2, hour, 0, i, TimeSpan.Zero), new CallTimes(null, null, null, 1_000), [], edge, 1))]);

    private ICallLogGrain Day(int day) => cluster.Client.GetGrain<ICallLogGrain>(GrainKeys.Join(_workspace, day.ToString(CultureInfo.InvariantCulture)));

    private string[] Stored() => [.. cluster.CallFiles.FilesOf(_workspace).Select(path => path[path.IndexOf(_workspace, StringComparison.Ordinal)..]).Order(StringComparer.Ordinal)];
}
