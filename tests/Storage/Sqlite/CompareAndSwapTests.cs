using Orleans;
using Orleans.Storage;

namespace Sluice.Tests.Storage.Sqlite;

public sealed class CompareAndSwapTests(StorageFixture fixture) : IClassFixture<StorageFixture>
{
    [Fact]
    public async Task What_was_written_is_read_back()
    {
        var id = StorageFixture.NewId();
        var written = new GrainState<Note>(Note.Of(7));
        await fixture.Storage.WriteStateAsync("note", id, written);

        var read = await fixture.ReadAsync(id);

        Assert.Equal(Note.Of(7), read.State);
        Assert.Equal(written.ETag, read.ETag);
        Assert.True(read.RecordExists);
    }

    [Fact]
    public async Task What_was_never_written_does_not_exist()
    {
        var read = await fixture.ReadAsync(StorageFixture.NewId());

        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
    }

    [Fact]
    public async Task States_of_one_grain_do_not_touch_each_other()
    {
        var id = StorageFixture.NewId();
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1)));
        await fixture.Storage.WriteStateAsync("other", id, new GrainState<Note>(Note.Of(2)));

        Assert.Equal(1, await fixture.ReadNumberAsync(id));
    }

    [Fact]
    public async Task A_write_over_a_state_that_was_changed_meanwhile_is_refused_and_changes_nothing()
    {
        var id = StorageFixture.NewId();
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1)));
        var first = await fixture.ReadAsync(id);
        var second = await fixture.ReadAsync(id);
        first.State = Note.Of(2);
        await fixture.Storage.WriteStateAsync("note", id, first);

        second.State = Note.Of(3);
        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => fixture.Storage.WriteStateAsync("note", id, second));

        Assert.Equal(first.ETag, refused.StoredEtag);
        Assert.Equal(second.ETag, refused.CurrentEtag);
        Assert.Equal(2, await fixture.ReadNumberAsync(id));
    }

    [Fact]
    public async Task A_first_write_is_refused_where_there_is_a_state_already()
    {
        var id = StorageFixture.NewId();
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1)));

        await Assert.ThrowsAsync<InconsistentStateException>(() => fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(2))));
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_may_be_written_again()
    {
        var id = StorageFixture.NewId();
        var state = new GrainState<Note>(Note.Of(1));
        await fixture.Storage.WriteStateAsync("note", id, state);
        await fixture.Storage.ClearStateAsync("note", id, state);
        Assert.False(state.RecordExists);
        Assert.False((await fixture.ReadAsync(id)).RecordExists);

        state.State = Note.Of(2);
        await fixture.Storage.WriteStateAsync("note", id, state);

        Assert.Equal(2, await fixture.ReadNumberAsync(id));
    }

    [Fact]
    public async Task A_clear_of_a_state_that_was_changed_meanwhile_is_refused()
    {
        var id = StorageFixture.NewId();
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1)));
        var stale = await fixture.ReadAsync(id);
        await fixture.Storage.WriteStateAsync("note", id, await fixture.ReadAsync(id));

        await Assert.ThrowsAsync<InconsistentStateException>(() => fixture.Storage.ClearStateAsync("note", id, stale));

        Assert.True((await fixture.ReadAsync(id)).RecordExists);
    }

    [Fact]
    public async Task An_etag_from_before_a_clear_is_refused_although_the_state_was_made_again()
    {
        var id = StorageFixture.NewId();
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1)));
        var stale = await fixture.ReadAsync(id);
        await fixture.Storage.ClearStateAsync("note", id, await fixture.ReadAsync(id));
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1)));

        await Assert.ThrowsAsync<InconsistentStateException>(() => fixture.Storage.WriteStateAsync("note", id, stale));
    }

    [Fact]
    public async Task Of_many_writers_that_read_the_same_state_one_wins()
    {
        var id = StorageFixture.NewId();
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(0)));
        var readers = new List<GrainState<Note>>();
        for (var i = 1; i <= 50; i++)
        {
            var state = await fixture.ReadAsync(id);
            state.State = Note.Of(i);
            readers.Add(state);
        }

        var won = await Task.WhenAll(readers.Select(async state =>
        {
            try
            {
                await fixture.Storage.WriteStateAsync("note", id, state);
                return state.State!.Number;
            }
            catch (InconsistentStateException)
            {
                return 0;
            }
        }));

        var winner = Assert.Single(won, n => n > 0);
        Assert.Equal(winner, await fixture.ReadNumberAsync(id));
    }

    [Fact]
    public async Task A_thousand_writes_at_once_are_all_done()
    {
        var ids = Enumerable.Range(0, 1000).Select(i => (Id: StorageFixture.NewId(), Number: i)).ToArray();

        await Task.WhenAll(ids.Select(x => fixture.Storage.WriteStateAsync("note", x.Id, new GrainState<Note>(Note.Of(x.Number)))));

        foreach (var (id, number) in ids)
        {
            Assert.Equal(number, await fixture.ReadNumberAsync(id));
        }
    }

    [Fact]
    public async Task A_state_of_several_megabytes_is_kept_whole()
    {
        var id = StorageFixture.NewId();
        var note = Note.Of(1) with { Text = new string('x', 8 * 1024 * 1024) };
        await fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(note));

        Assert.Equal(note, (await fixture.ReadAsync(id)).State);
    }

    [Fact]
    public async Task States_of_stream_subscriptions_are_kept_in_orleans_own_form()
    {
        var id = StorageFixture.NewId();
        await fixture.PubSubStore.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(5)));

        var read = new GrainState<Note>();
        await fixture.PubSubStore.ReadStateAsync("note", id, read);

        Assert.Equal(Note.Of(5), read.State);
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_is_named_in_the_error()
    {
        var id = StorageFixture.NewId();
        await fixture.PubSubStore.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(5)));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => fixture.ReadAsync(id));

        Assert.Contains(id.Key.ToString()!, error.Message, StringComparison.Ordinal);
    }
}
