using Azure.Data.Tables;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Storage.Azure;
using Sluice.Storage.Records;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Azure;

public sealed class AzureGrainRecordsTests(AzureFixture fixture) : GrainRecordsContract, IClassFixture<AzureFixture>
{
    private const string Table = "SluiceGrainState";

    protected override IGrainStorage Storage => fixture.Storage("Default");

    protected override IGrainStorage PubSubStore => fixture.Storage("PubSubStore");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AzureAccount Account => AzureAccount.Parse(fixture.Azurite.ConnectionString());

    protected override Task<IGrainRecords> OpenAsync(string cluster, bool make = true) => OpenAsync(cluster, make, []);

    [Fact]
    public async Task A_row_of_before_there_were_names_is_listed_by_its_key()
    {
        var cluster = await ReplaceAsync(Record("a|b_c", 1));
        await DropNameAsync(cluster);

        Assert.Equal(("note", "a|b_c", "note"), Assert.Single(await ListAsync(cluster)) is var r ? (r.GrainType, r.GrainKey, r.StateName) : default);
    }

    [Fact]
    public async Task A_row_of_before_there_were_names_whose_key_is_a_hash_is_told()
    {
        var cluster = await ReplaceAsync(Record(new string('k', 600), 1));
        await DropNameAsync(cluster);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => ListAsync(cluster));

        Assert.Contains("note_note_kkkk", error.Message, StringComparison.Ordinal);
        Assert.Contains("older Sluice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task States_that_name_others_are_read_before_all_others()
    {
        var cluster = await ReplaceAsync([.. Enumerable.Range(0, 150).Select(i => Record($"n{i}", i)), new GrainRecord("pointer", "z", "head", []), new GrainRecord("pointer", "z", "tail", [])]);
        await using var records = await OpenAsync(cluster, make: false, [new StateKind("pointer", "head")]);

        var listed = await records.ReadAsync(Cancellation).ToListAsync(Cancellation);

        Assert.Equal("head", listed[0].StateName);
        Assert.Equal(152, listed.Count);
        Assert.Single(listed, r => string.Equals(r.StateName, "head", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_has_no_records()
    {
        Azurite.Require();

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync("nobody", make: false));

        Assert.Contains("'nobody'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_that_is_in_a_replacement_twice_breaks_it_off()
    {
        Azurite.Require();

        var error = await Assert.ThrowsAsync<UnfinishedRestoreException>(() => ReplaceAsync([Record("a", 1), Record("a", 2)]));

        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_replacement_that_was_broken_off_nothing_starts_until_another_one_is_finished()
    {
        var cluster = await ReplaceAsync(Record("old", 1));
        await using (var records = await OpenAsync(cluster))
        {
            await Assert.ThrowsAsync<UnfinishedRestoreException>(() => records.ReplaceAsync(Broken(), _ => Task.CompletedTask, Cancellation));
        }

        var start = await Assert.ThrowsAnyAsync<Exception>(() => StateOfAsync(cluster));
        Assert.Contains("sluice restore", start.ToString(), StringComparison.Ordinal);
        Assert.Contains("not finished", (await Assert.ThrowsAsync<InvalidDataException>(() => ListAsync(cluster))).Message, StringComparison.Ordinal);
        await using (var again = await OpenAsync(cluster))
        {
            Assert.True(await again.IsEmptyAsync(Cancellation));
            await again.ReplaceAsync(new[] { Record("new", 7) }.ToAsyncEnumerable(), _ => Task.CompletedTask, Cancellation);
        }

        Assert.Equal(7, await StateOfAsync(cluster));

        static async IAsyncEnumerable<GrainRecord> Broken()
        {
            yield return Record("new", 7);
            await Task.Yield();
            throw new IOException("the disk is gone");
        }
    }

    [Fact]
    public async Task The_silos_of_a_cluster_that_runs_are_seen()
    {
        Azurite.Require();
        var cluster = $"r-{Guid.NewGuid():n}";
        var silos = Account.Tables(new TableClientOptions()).GetTableClient("OrleansSiloInstances");
        await silos.CreateIfNotExistsAsync(Cancellation);
        await AddSiloAsync("10.0.0.1-1-1", "10.0.0.1", "Active", "2030-01-02 03:04:05.678 GMT");
        await AddSiloAsync("10.0.0.2-1-1", "10.0.0.2", "Dead", "2030-01-02 03:04:05.678 GMT");
        await AddSiloAsync("10.0.0.3-1-1", "10.0.0.3", "Active", "2030-01-01 00:00:00.000 GMT");
        await silos.AddEntityAsync(new TableEntity(cluster, "VersionRow"), Cancellation);
        await using var records = await OpenAsync(cluster);

        Assert.Equal("10.0.0.1:1", Assert.Single(await records.LivingSilosAsync(new DateTimeOffset(2030, 1, 2, 0, 0, 0, TimeSpan.Zero), Cancellation)));

        await records.ReplaceAsync(AsyncEnumerable.Empty<GrainRecord>(), _ => Task.CompletedTask, Cancellation);
        Assert.Empty(await records.LivingSilosAsync(DateTimeOffset.MinValue, Cancellation));

        Task AddSiloAsync(string row, string address, string status, string alive) => silos.AddEntityAsync(
            new TableEntity(cluster, row) { ["Address"] = address, ["Port"] = "1", ["Status"] = status, ["IAmAliveTime"] = alive }, Cancellation);
    }

    private async Task<IGrainRecords> OpenAsync(string cluster, bool make, IReadOnlyList<StateKind> first)
    {
        Azurite.Require();
        return await AzureGrainRecords.OpenAsync(Account, cluster, make, first, TimeProvider.System, Cancellation);
    }

    private async Task<string> ReplaceAsync(params GrainRecord[] with)
    {
        var cluster = $"r-{Guid.NewGuid():n}";
        await ReplaceAsync(cluster, with);
        return cluster;
    }

    // As a Sluice of before wrote it.
    private async Task DropNameAsync(string cluster)
    {
        var table = Account.Tables(new TableClientOptions()).GetTableClient(Table);
        await foreach (var row in table.QueryAsync<TableEntity>($"PartitionKey ge '{cluster}_' and PartitionKey lt '{cluster}`'", cancellationToken: Cancellation))
        {
            row.Remove("Name");
            await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
        }
    }

    // The number of the note "new", as a silo of the cluster reads it.
    private async Task<long> StateOfAsync(string cluster)
    {
        await using var silo = await AzureSilo.StartAsync(builder => builder.AddAzureStorage(Account), cluster);
        var state = new GrainState<Note>();
        await silo.Storage("Default").ReadStateAsync("note", GrainId.Create("note", "new"), state);
        return state.State!.Number;
    }
}
