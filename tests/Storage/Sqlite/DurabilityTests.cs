using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Storage.Sqlite;

namespace Sluice.Tests.Storage.Sqlite;

public sealed class DurabilityTests : IAsyncLifetime
{
    private readonly StorageFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        await _fixture.OpenAsync("sluice.db");
        var id = StorageFixture.NewId();
        await _fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(3)));
        await _fixture.CloseAsync();

        await _fixture.OpenAsync("sluice.db");

        Assert.Equal(3, await _fixture.ReadNumberAsync(id));
    }

    [Fact]
    public async Task Closing_leaves_one_file_without_a_log()
    {
        await _fixture.OpenAsync("sluice.db");
        await _fixture.Storage.WriteStateAsync("note", StorageFixture.NewId(), new GrainState<Note>(Note.Of(3)));
        await _fixture.CloseAsync();

        Assert.Equal([_fixture.Database], Directory.GetFiles(_fixture.Folder));
    }

    [Fact]
    public async Task A_copy_taken_in_the_midst_of_writing_holds_every_write_that_was_answered_before()
    {
        await _fixture.OpenAsync("sluice.db");
        var answered = new ConcurrentBag<(GrainId Id, long Number)>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0L; !stop.IsCancellationRequested; i++)
            {
                var id = StorageFixture.NewId();
                await _fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(i)));
                answered.Add((id, i));
            }
        }).ToArray();
        while (answered.Count < 200)
        {
            Assert.DoesNotContain(writers, w => w.IsFaulted);
            await Task.Yield();
        }

        // While somebody reads, the log is not begun anew: with the file taken first, what it lacks is in the log.
        using var reader = Connect();
        using var transaction = reader.BeginTransaction(deferred: true);
        Execute(reader, "SELECT count(*) FROM grain_state");
        var expected = answered.ToArray();
        File.Copy(_fixture.Database, Path.Combine(_fixture.Folder, "copy.db"));
        File.Copy($"{_fixture.Database}-wal", Path.Combine(_fixture.Folder, "copy.db-wal"));
        transaction.Dispose();
        reader.Dispose();
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await _fixture.CloseAsync();

        await _fixture.OpenAsync("copy.db");

        foreach (var (id, number) in expected)
        {
            Assert.Equal(number, await _fixture.ReadNumberAsync(id));
        }
    }

    [Fact]
    public async Task Two_silos_on_one_file_see_each_others_writes()
    {
        await using var other = new StorageFixture();
        await _fixture.OpenAsync("sluice.db");
        await other.OpenAsync(_fixture.Database);
        var ids = Enumerable.Range(0, 200).Select(_ => StorageFixture.NewId()).ToArray();

        await Task.WhenAll(ids.Select((id, i) =>
            (i % 2 == 0 ? _fixture.Storage : other.Storage).WriteStateAsync("note", id, new GrainState<Note>(Note.Of(i)))));

        for (var i = 0; i < ids.Length; i++)
        {
            Assert.Equal(i, await _fixture.ReadNumberAsync(ids[i]));
        }
    }

    [Fact]
    public async Task Of_two_silos_that_change_one_state_at_once_exactly_one_wins_each_time()
    {
        await using var other = new StorageFixture();
        await _fixture.OpenAsync("sluice.db");
        await other.OpenAsync(_fixture.Database);
        var id = StorageFixture.NewId();
        await _fixture.Storage.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(0)));
        for (var round = 1; round <= 100; round++)
        {
            var states = new[] { await _fixture.ReadAsync(id), await other.ReadAsync(id) };

            var won = await Task.WhenAll(TryAsync(_fixture, states[0], round), TryAsync(other, states[1], -round));

            Assert.Single(won, w => w);
            Assert.Equal(won[0] ? round : -round, await other.ReadNumberAsync(id));
        }

        async Task<bool> TryAsync(StorageFixture silo, GrainState<Note> state, long number)
        {
            try
            {
                state.State = Note.Of(number);
                await silo.Storage.WriteStateAsync("note", id, state);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task The_file_is_its_owners_alone()
    {
        await _fixture.OpenAsync("sluice.db");

        // Windows has no file modes: there the folder's rights hold.
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(_fixture.Folder))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_fixture.Folder, "sluice.db")};Pooling=false");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteScalar();
    }
}
