using System.Text;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Storage;
using Sluice.Storage.Records;

namespace Sluice.Tests.Storage.Contracts;

/// <summary>What every storage promises to backup and restore: every state is listed under its name, and a replacement is whole or is seen not to be.</summary>
public abstract class GrainRecordsContract
{
    /// <summary>The service of <see cref="Storage"/>.</summary>
    protected const string Service = "sluice";

    /// <summary>The storage whose states are listed, open.</summary>
    protected abstract IGrainStorage Storage { get; }

    /// <summary>The same storage's place of subscriptions.</summary>
    protected abstract IGrainStorage PubSubStore { get; }

    /// <summary>Opens the states of a cluster in the place where <see cref="Storage"/> keeps its own.</summary>
    protected abstract Task<IGrainRecords> OpenAsync(string cluster, bool make = true);

    [Fact]
    public async Task A_state_is_listed_with_its_whole_name_and_its_bytes()
    {
        var unique = Guid.NewGuid().ToString("n");
        string[] keys = [unique, $"{unique}|a_b/ü鍵🔑~~\n%", $"{unique}{new string('ü', 900)}"];
        foreach (var key in keys)
        {
            await Storage.WriteStateAsync("first_state", GrainId.Create("a-kind", key), new GrainState<Note>(Note.Of(1)));
            await Storage.WriteStateAsync("second", GrainId.Create("a-kind", key), new GrainState<Note>(Note.Of(2)));
        }

        var listed = (await ListAsync(Service)).Where(r => r.GrainKey.StartsWith(unique, StringComparison.Ordinal)).ToLookup(r => (r.GrainType, r.GrainKey, r.StateName));

        Assert.Equal(2 * keys.Length, listed.Count);
        foreach (var key in keys)
        {
            Assert.Equal(Note.Of(1), Read(Assert.Single(listed[("a-kind", key, "first_state")])));
            Assert.Equal(Note.Of(2), Read(Assert.Single(listed[("a-kind", key, "second")])));
        }
    }

    [Fact]
    public async Task A_large_state_is_listed_whole()
    {
        var id = NewId();
        var note = Note.Of(1) with { Text = new string('x', 3 * 1024 * 1024) };
        await WriteAsync(id, note);

        Assert.Equal(note, Read(Assert.Single(await ListAsync(Service), r => string.Equals(r.GrainKey, id.Key.ToString(), StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_state_that_was_cleared_is_not_listed()
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1));
        await Storage.WriteStateAsync("note", id, state);
        await Storage.ClearStateAsync("note", id, state);

        Assert.DoesNotContain(await ListAsync(Service), r => string.Equals(r.GrainKey, id.Key.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Subscriptions_of_streams_are_not_listed()
    {
        await PubSubStore.WriteStateAsync("note", GrainId.Create("pubsubrendezvous", Guid.NewGuid().ToString("n")), new GrainState<Note>(Note.Of(1)));

        Assert.DoesNotContain(await ListAsync(Service), r => string.Equals(r.GrainType, "pubsubrendezvous", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_writers_go_on_every_listed_state_is_one_that_was_written()
    {
        var (small, large) = (NewId(), NewId());
        using var listed = new CancellationTokenSource();
        var writers = Task.WhenAll(KeepWritingAsync(small, 10, listed.Token), KeepWritingAsync(large, 1024 * 1024, listed.Token));
        for (var i = 0; i < 5; i++)
        {
            var found = (await ListAsync(Service)).Where(r => r.GrainKey.Equals(small.Key.ToString(), StringComparison.Ordinal) || r.GrainKey.Equals(large.Key.ToString(), StringComparison.Ordinal)).Select(Read);

            Assert.All(found, note => Assert.Equal(new string((char)('a' + (note.Number % 26)), note.Text.Length), note.Text));
        }

        await listed.CancelAsync();
        await writers;
    }

    [Fact]
    public async Task What_replaces_is_all_that_is_there_and_other_clusters_keep_theirs()
    {
        var (cluster, id) = ($"r-{Guid.NewGuid():n}", NewId());
        await WriteAsync(id, Note.Of(1));
        await ReplaceAsync(cluster, [Record("old", 1), Record("both", 1)]);
        GrainRecord[] next = [Record("both", 2), .. Enumerable.Range(0, 300).Select(i => Record($"new {i}", i)), Record("large", 4, 2 * 1024 * 1024), new GrainRecord("k", new string('l', 2000), "s", [])];

        await ReplaceAsync(cluster, next);

        Assert.Equal(next.Select(Text).Order(StringComparer.Ordinal), (await ListAsync(cluster)).Select(Text).Order(StringComparer.Ordinal));
        Assert.Contains(await ListAsync(Service), r => string.Equals(r.GrainKey, id.Key.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_is_empty_until_something_is_there()
    {
        var cluster = $"r-{Guid.NewGuid():n}";
        await using var records = await OpenAsync(cluster);
        Assert.True(await records.IsEmptyAsync(TestContext.Current.CancellationToken));

        await ReplaceAsync(cluster, [Record("one", 1)]);

        await using var again = await OpenAsync(cluster);
        Assert.False(await again.IsEmptyAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_replacement_that_is_refused_changes_nothing()
    {
        var cluster = $"r-{Guid.NewGuid():n}";
        await ReplaceAsync(cluster, [Record("old", 1)]);
        await using (var records = await OpenAsync(cluster))
        {
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => records.ReplaceAsync(
                new[] { Record("new", 2) }.ToAsyncEnumerable(), _ => throw new InvalidTimeZoneException(), TestContext.Current.CancellationToken));
        }

        Assert.Equal("old", Assert.Single(await ListAsync(cluster)).GrainKey);
    }

    private protected async Task<List<GrainRecord>> ListAsync(string cluster)
    {
        await using var records = await OpenAsync(cluster, make: false);
        return await records.ReadAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    private protected async Task ReplaceAsync(string cluster, IEnumerable<GrainRecord> with)
    {
        await using var records = await OpenAsync(cluster);
        await records.ReplaceAsync(with.ToAsyncEnumerable(), _ => Task.CompletedTask, TestContext.Current.CancellationToken);
    }

    private protected static GrainRecord Record(string key, long number, int length = 4) =>
        new("note", key, "note", JsonState.Serializer.Serialize(Note.Of(number) with { Text = new string('x', length) }).ToArray());

    private protected static GrainId NewId() => GrainId.Create("note", Guid.NewGuid().ToString("n"));

    private protected Task WriteAsync(GrainId id, Note note) => Storage.WriteStateAsync("note", id, new GrainState<Note>(note));

    private static Note Read(GrainRecord record) => Assert.IsType<Note>(JsonState.Serializer.Deserialize<Note>(new BinaryData(record.Payload)));

    private static string Text(GrainRecord record) => $"{record.GrainType} {record.GrainKey} {record.StateName} {Encoding.UTF8.GetString(record.Payload)}";

    private async Task KeepWritingAsync(GrainId id, int length, CancellationToken cancellation)
    {
        var state = new GrainState<Note>();
        for (var number = 1; !cancellation.IsCancellationRequested; number++)
        {
            state.State = Note.Of(number) with { Text = new string((char)('a' + (number % 26)), length) };
            await Storage.WriteStateAsync("note", id, state);
        }
    }
}
