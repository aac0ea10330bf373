using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Tests.Processes;
using Sluice.Tests.Unit.Edge.Metering;

namespace Sluice.Tests.Unit.Usage;

public sealed class RecordParquetTests
{
    [Fact]
    public async Task What_is_written_is_read_as_it_was()
    {
        AttemptRecord[] records =
        [
            Attempts.Record("a") with { Sequence = 9 },
            Attempts.Reserved("b") with { Tags = [], Charges = [], User = "", Target = "", Price = "" },
            Attempts.Record("c") with { Ended = Attempts.Time.AddTicks(10), Source = UsageSource.Partial, CostNano = long.MaxValue },
            Attempts.Record("d") with { Source = UsageSource.Cached, Units = null, Saved = new SavedUse(1, 1500, 77) },
        ];

        var read = await RecordParquet.ReadAsync(await RecordParquet.WriteAsync(records));

        Assert.Equal(records.Select(Attempts.Bytes), read.Select(Attempts.Bytes));
    }

    [Fact]
    public async Task A_file_that_is_damaged_is_not_read()
    {
        var file = await RecordParquet.WriteAsync([Attempts.Record("a")]);

        await Assert.ThrowsAsync<InvalidDataException>(() => RecordParquet.ReadAsync(file[..^9]));
        await Assert.ThrowsAsync<InvalidDataException>(() => RecordParquet.ReadAsync([]));
    }

    [Fact]
    public async Task A_file_of_a_release_that_knew_no_overdraft_is_read()
    {
        var read = await RecordParquet.ReadAsync(await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "tests", "Unit", "Golden", "records-without-overdraft.parquet"), TestContext.Current.CancellationToken));

        Assert.Equal(Attempts.Bytes(Attempts.Record("a") with { Overdraft = 0, Units = null }), Attempts.Bytes(Assert.Single(read)));
    }

    [Fact]
    public async Task It_is_a_Parquet_file() => Assert.Equal("PAR1"u8.ToArray(), (await RecordParquet.WriteAsync([Attempts.Record("a")]))[..4]);
}
