using Orleans;
using Orleans.Storage;
using Sluice.Storage.Azure;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Azure;

public sealed class AzureGrainStorageTests(AzureFixture fixture) : GrainStorageContract, IClassFixture<AzureFixture>
{
    protected override IGrainStorage Storage => fixture.Storage("Default");

    protected override int LongestKey => 3000;

    [Fact]
    public async Task A_wildcard_is_no_etag()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(id, new GrainState<Note>(Note.Of(2), "*")));

        Assert.Equal(1, await NumberAsync(id));
    }

    [Fact]
    public async Task States_of_stream_subscriptions_are_kept_in_orleans_own_form()
    {
        var (store, id) = (fixture.Storage("PubSubStore"), NewId());
        await store.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(5)));

        var read = new GrainState<Note>();
        await store.ReadStateAsync("note", id, read);

        Assert.Equal(Note.Of(5), read.State);
    }

    [Fact]
    public async Task A_writer_that_loses_in_a_crowd_is_refused_alone()
    {
        var ids = Enumerable.Range(0, 200).Select(_ => NewId()).ToArray();
        await Task.WhenAll(ids.Where((_, i) => i % 10 == 0).Select(id => WriteAsync(id, new GrainState<Note>(Note.Of(1)))));

        var won = await Task.WhenAll(ids.Select(id => WonAsync(WriteAsync(id, new GrainState<Note>(Note.Of(2))))));

        Assert.Equal(ids.Select((_, i) => i % 10 != 0), won);
    }

    [Fact]
    public async Task A_writer_with_a_stale_etag_in_a_crowd_is_refused_alone()
    {
        var ids = Enumerable.Range(0, 100).Select(_ => NewId()).ToArray();
        await Task.WhenAll(ids.Select(id => WriteAsync(id, new GrainState<Note>(Note.Of(1)))));
        var states = await Task.WhenAll(ids.Select(ReadAsync));
        await Task.WhenAll(ids.Where((_, i) => i % 10 == 0).Select(async id => await WriteAsync(id, await ReadAsync(id))));

        var won = await Task.WhenAll(ids.Select((id, i) => WonAsync(WriteAsync(id, states[i]))));

        Assert.Equal(ids.Select((_, i) => i % 10 != 0), won);
    }

    [Fact]
    public async Task All_wrong_options_are_told_at_once()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => AzureSilo.StartAsync(silo => silo.AddAzureGrainStorage(
            "x", options => options.Configure(o => (o.TableName, o.Partitions, o.Deadline) = ("no-table", 0, TimeSpan.Zero)))));

        foreach (var field in (string[])["Account", "TableName", "Partitions", "Deadline", "TryTimeout"])
        {
            Assert.Contains(field, error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_wrong_connection_string_is_not_repeated()
    {
        var error = Assert.Throws<FormatException>(() => AzureAccount.Parse("AccountKey=c2VjcmV0"));

        Assert.DoesNotContain("c2VjcmV0", error.ToString(), StringComparison.Ordinal);
    }
}
