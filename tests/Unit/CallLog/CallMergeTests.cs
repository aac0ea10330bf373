using System.Collections.Immutable;
using Sluice.Grains.CallLog;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Tests.Unit.CallLog;

public sealed class CallMergeTests
{
    [Fact]
    public void Of_an_hour_under_way_files_of_one_size_are_merged_once_they_are_many()
    {
        Assert.Empty(CallMerge.Choose(Files(15, hour: 9, calls: 10), openHour: 9));
        Assert.Equal(16, CallMerge.Choose(Files(16, hour: 9, calls: 10), openHour: 9).Length);
        Assert.Empty(CallMerge.Choose([.. Files(15, hour: 9, calls: 10), .. Files(15, hour: 9, calls: 5_000)], openHour: 9));
    }

    [Fact]
    public void Of_an_hour_that_is_over_all_are_merged_that_one_file_may_have()
    {
        Assert.Equal([5, 10], CallMerge.Choose([.. Files(1, hour: 8, calls: 10), .. Files(1, hour: 8, calls: 5)], openHour: 9).Select(file => file.Calls));
        Assert.Empty(CallMerge.Choose([.. Files(1, hour: 8, calls: 10), .. Files(1, hour: 7, calls: 5)], openHour: 9));
        Assert.Empty(CallMerge.Choose(Files(2, hour: 8, calls: CallMerge.MostInFile), openHour: CallMerge.HoursOfDay));
    }

    [Fact]
    public void A_million_calls_of_an_hour_are_each_written_anew_a_few_times_at_most()
    {
        var (files, written, number) = (ImmutableArray<CallFile>.Empty, 0L, 0);
        for (var i = 0; i < 1_000; i++)
        {
            files = files.Add(new CallFile($"{number++}", 9, 1_000));
            while (CallMerge.Choose(files, openHour: 9) is { IsEmpty: false } chosen)
            {
                var calls = chosen.Sum(file => file.Calls);
                written += calls;
                files = files.RemoveRange(chosen).Add(new CallFile($"{number++}", 9, calls));
            }
        }

        Assert.InRange(files.Length, 1, 100);
        Assert.InRange(written, 0, 3_000_000);
        Assert.Equal(1_000_000, files.Sum(file => file.Calls));
    }

    private static ImmutableArray<CallFile> Files(int count, int hour, int calls) => [.. Enumerable.Range(0, count).Select(i => new CallFile($"{hour}-{calls}-{i}", hour, calls))];
}
