using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Sluice.Tests.Storage.Contracts;

/// <summary>What every grain storage promises here: a write or clear is done only where the stored ETag is the one that was read, and is kept when it is answered.</summary>
public abstract class GrainStorageContract
{
    /// <summary>The storage under test, open.</summary>
    protected abstract IGrainStorage Storage { get; }

    /// <summary>The longest grain key, in characters, that the storage must keep.</summary>
    protected virtual int LongestKey => 400;

    public static TheoryData<int> SizesAroundLimits =>
        [0, 1, 32 * 1024, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 900 * 1024, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 4 * 1024 * 1024, 32 * 1024 * 1024];

    public static TheoryData<string> OddKeys =>
        ["a/b", @"a\b", "a#b", "a?b", "a%2Fb", "a b", " a ", "a+b", "a'b", "a\"b", "..", ".", "a/../b", "a//b", "a/", "a\tb", "a\nb", "a\u0085b", "übergröße", "鍵", "🔑", "A", "_", "a_b", "a.b.", "a:b|c*d<e>f"];

    [Fact]
    public async Task What_was_never_written_does_not_exist()
    {
        var read = await ReadAsync(NewId());

        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
    }

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        var id = NewId();
        var written = new GrainState<Note>(Note.Of(7));
        await WriteAsync(id, written);

        var read = await ReadAsync(id);

        Assert.Equal(Note.Of(7), read.State);
        Assert.Equal(written.ETag, read.ETag);
        Assert.True(read.RecordExists);
        Assert.True(written.RecordExists);
    }

    [Fact]
    public async Task Every_write_has_an_etag_of_its_own()
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1));
        await WriteAsync(id, state);
        var first = state.ETag;

        await WriteAsync(id, state);

        Assert.NotEqual(first, state.ETag);
    }

    [Fact]
    public async Task A_write_under_a_stale_etag_is_refused_and_changes_nothing()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));
        var first = await ReadAsync(id);
        var second = await ReadAsync(id);
        first.State = Note.Of(2);
        await WriteAsync(id, first);
        second.State = Note.Of(3);

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(id, second));

        Assert.Equal(2, await NumberAsync(id));
    }

    [Fact]
    public async Task A_first_write_is_refused_where_there_is_a_state_already()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(id, new GrainState<Note>(Note.Of(2))));

        Assert.Equal(1, await NumberAsync(id));
    }

    [Fact]
    public async Task A_clear_under_a_stale_etag_is_refused()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));
        var stale = await ReadAsync(id);
        await WriteAsync(id, await ReadAsync(id));

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => ClearAsync(id, stale));

        Assert.True((await ReadAsync(id)).RecordExists);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_may_be_written_again()
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1));
        await WriteAsync(id, state);
        await ClearAsync(id, state);
        Assert.False(state.RecordExists);
        Assert.False((await ReadAsync(id)).RecordExists);

        state.State = Note.Of(2);
        await WriteAsync(id, state);

        Assert.Equal(2, await NumberAsync(id));
    }

    [Fact]
    public async Task An_etag_from_before_a_clear_is_refused_although_the_state_was_made_again()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));
        var stale = await ReadAsync(id);
        await ClearAsync(id, await ReadAsync(id));
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(id, stale));
    }

    [Fact]
    public async Task Of_two_activations_that_write_at_once_exactly_one_wins_each_round()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(0)));
        for (var round = 1; round <= 10; round++)
        {
            var activations = new[] { await ReadAsync(id), await ReadAsync(id) };
            var won = await Task.WhenAll(activations.Select(async (state, i) =>
            {
                state.State = Note.Of((round * 10) + i + 1);
                return await WonAsync(WriteAsync(id, state)) ? state.State.Number : 0;
            }));

            Assert.Equal(Assert.Single(won, n => n > 0), await NumberAsync(id));
        }
    }

    [Fact]
    public async Task Of_many_first_writes_one_wins()
    {
        var id = NewId();

        var won = await Task.WhenAll(Enumerable.Range(1, 20).Select(async i =>
            await WonAsync(WriteAsync(id, new GrainState<Note>(Note.Of(i)))) ? i : 0));

        Assert.Equal(Assert.Single(won, n => n > 0), await NumberAsync(id));
    }

    [Fact]
    public async Task Many_writes_at_once_are_all_kept()
    {
        var ids = Enumerable.Range(0, 250).Select(i => (Id: NewId(), Number: i)).ToArray();

        await Task.WhenAll(ids.Select(x => WriteAsync(x.Id, new GrainState<Note>(Note.Of(x.Number)))));

        foreach (var (id, number) in ids)
        {
            Assert.Equal(number, await NumberAsync(id));
        }
    }

    [Fact]
    public async Task States_of_one_grain_do_not_touch_each_other()
    {
        var id = NewId();
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));
        await Storage.WriteStateAsync("other", id, new GrainState<Note>(Note.Of(2)));

        Assert.Equal(1, await NumberAsync(id));
    }

    [Theory]
    [MemberData(nameof(SizesAroundLimits))]
    public async Task A_state_of_any_size_up_to_32_MiB_is_kept_whole_and_replaced_and_cleared(int length)
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1) with { Text = Text(length, seed: 1) });
        await WriteAsync(id, state);
        Assert.Equal(state.State, (await ReadAsync(id)).State);

        state.State = Note.Of(2) with { Text = Text(length, seed: 2) };
        await WriteAsync(id, state);
        Assert.Equal(state.State, (await ReadAsync(id)).State);

        state.State = Note.Of(3);
        await WriteAsync(id, state);
        Assert.Equal(Note.Of(3), (await ReadAsync(id)).State);

        await ClearAsync(id, state);
        Assert.False((await ReadAsync(id)).RecordExists);
    }

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task A_key_of_any_characters_names_one_state_and_no_other(string key)
    {
        var unique = Guid.NewGuid().ToString("n");
        var id = GrainId.Create("note", key + unique + key);
        var near = GrainId.Create("note", unique);
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));
        await WriteAsync(near, new GrainState<Note>(Note.Of(2)));

        Assert.Equal(1, await NumberAsync(id));
        Assert.Equal(2, await NumberAsync(near));
    }

    [Fact]
    public async Task Long_keys_that_differ_in_their_last_character_are_two_states()
    {
        var prefix = Guid.NewGuid().ToString("n").PadRight(LongestKey - 1, 'k');
        await WriteAsync(GrainId.Create("note", prefix + "1"), new GrainState<Note>(Note.Of(1)));
        await WriteAsync(GrainId.Create("note", prefix + "2"), new GrainState<Note>(Note.Of(2)));

        Assert.Equal(1, await NumberAsync(GrainId.Create("note", prefix + "1")));
        Assert.Equal(2, await NumberAsync(GrainId.Create("note", prefix + "2")));
    }

    private protected static GrainId NewId() => GrainId.Create("note", Guid.NewGuid().ToString("n"));

    private protected Task WriteAsync(GrainId id, GrainState<Note> state) => Storage.WriteStateAsync("note", id, state);

    private protected Task ClearAsync(GrainId id, GrainState<Note> state) => Storage.ClearStateAsync("note", id, state);

    private protected async Task<GrainState<Note>> ReadAsync(GrainId id)
    {
        var state = new GrainState<Note>();
        await Storage.ReadStateAsync("note", id, state);
        return state;
    }

    private protected async Task<long> NumberAsync(GrainId id) => Assert.IsType<Note>((await ReadAsync(id)).State).Number;

    private protected static async Task<bool> WonAsync(Task write)
    {
        try
        {
            await write;
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    /// <summary>Text that neither repeats nor packs well, the same for the same seed.</summary>
    private static string Text(int length, int seed) => string.Create(length, seed, static (span, seed) =>
    {
        var x = (uint)seed * 2654435761u;
        foreach (ref var c in span)
        {
            x = (x * 1664525) + 1013904223;
            c = (char)('a' + ((x >> 16) % 26));
        }
    });
}
