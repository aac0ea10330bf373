using DuckDB.NET.Data;
using Sluice.Grains.CallLog;
using Sluice.Silo.CallLog;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>Files of the call log, as DuckDB reads them.</summary>
public sealed class CallParquetTests
{
    [Fact]
    public async Task What_is_written_is_found_by_its_columns_and_by_its_time()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "calls.parquet");
        await File.WriteAllBytesAsync(file, await CallParquet.WriteAsync([LoggedCalls.Call("a"), LoggedCalls.Call("b", 60), LoggedCalls.Call("c", 120)]), TestContext.Current.CancellationToken);

        // By the bounds that the file tells of a column, a reader leaves parts of it out.
        var middle = LoggedCalls.Time.AddSeconds(30).ToUnixTimeMilliseconds() * 1_000;
        var found = Rows(file, $"EndedMicros >= {middle} AND EndedMicros < {middle + 60_000_000} AND Tenant = 'acme' AND list_contains(Tags, 'team=search')");

        Assert.Equal("b|1234567|1500000|90000|2", Assert.Single(found));
        Assert.Equal(3, Rows(file, "Asked = 'gpt'").Count);
        Assert.Equal(LoggedCalls.Call("a").Tries.AsEnumerable(), Tries(file).Select(CallParquet.TryOf));
    }

    [Fact]
    public async Task Files_are_merged_by_time_with_every_call_once()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "calls.parquet");

        var merged = await CallParquet.MergeAsync([await CallParquet.WriteAsync([LoggedCalls.Call("b", 5), LoggedCalls.Call("d", 9)]), await CallParquet.WriteAsync([LoggedCalls.Call("a"), LoggedCalls.Call("c", 7)])]);

        await File.WriteAllBytesAsync(file, merged, TestContext.Current.CancellationToken);
        Assert.Equal(["a", "b", "c", "d"], Rows(file, "true").Select(row => row[..1]));
        await Assert.ThrowsAsync<InvalidDataException>(() => CallParquet.MergeAsync([merged[..^9]]));
    }

    [Fact]
    public async Task Files_of_a_release_that_knew_no_errors_are_searched_and_merged()
    {
        using var folder = new TemporaryFolder();
        var old = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "tests", "Unit", "Golden", "calls-without-errors.parquet"), TestContext.Current.CancellationToken);
        var (file, columns, merged) = (Path.Combine(folder.Path, "old.parquet"), Path.Combine(folder.Path, "columns"), Path.Combine(folder.Path, "merged.parquet"));
        await File.WriteAllBytesAsync(file, old, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(columns, await CallParquet.WriteAsync([]), TestContext.Current.CancellationToken);
        var refused = LoggedCalls.Call("b", 60) with { Status = 429, Error = "rate_limit_exceeded", RefusedBy = "Limit/gold" };
        await File.WriteAllBytesAsync(merged, await CallParquet.MergeAsync([old, await CallParquet.WriteAsync([refused])]), TestContext.Current.CancellationToken);

        Assert.Equal(["a|none"], Query($"SELECT concat_ws('|', Request, coalesce(Error, 'none')) FROM read_parquet(['{file}', '{columns}'], union_by_name=true)"));
        Assert.Equal(["a|none", "b|Limit/gold"], Query($"SELECT concat_ws('|', Request, coalesce(RefusedBy, 'none')) FROM read_parquet('{merged}') ORDER BY EndedMicros"));
    }

    private static List<string> Rows(string file, string where) =>
        Query($"SELECT concat_ws('|', Request, CostNano, LatencyMicros, FirstAfter, Attempts) FROM read_parquet('{file}') WHERE {where} ORDER BY EndedMicros");

    private static List<string> Tries(string file) => Query($"SELECT unnest(Tries) FROM (SELECT Tries FROM read_parquet('{file}') WHERE Request = 'a')");

    private static List<string> Query(string sql)
    {
        using var database = new DuckDBConnection("Data Source=:memory:");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        do
        {
            while (reader.Read() && reader.GetFieldType(0) == typeof(string))
            {
                rows.Add(reader.GetString(0));
            }
        }
        while (reader.NextResult());

        return rows;
    }
}
