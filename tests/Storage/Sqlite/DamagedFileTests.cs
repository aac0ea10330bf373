using Orleans;
using Sluice.Storage.Sqlite;

namespace Sluice.Tests.Storage.Sqlite;

/// <summary>A file that cannot be used is named and left as it is; no new one is begun over it.</summary>
public sealed class DamagedFileTests : IAsyncLifetime
{
    private readonly StorageFixture _fixture = new();

    public async ValueTask InitializeAsync()
    {
        await _fixture.OpenAsync("sluice.db");
        for (var i = 0; i < 200; i++)
        {
            await _fixture.Storage.WriteStateAsync("note", StorageFixture.NewId(), new GrainState<Note>(Note.Of(i)));
        }

        await _fixture.CloseAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public Task An_empty_file_is_refused() => RefusedAsync(_ => [], "is empty");

    [Fact]
    public Task A_file_that_was_cut_in_half_is_refused() => RefusedAsync(bytes => bytes[..(bytes.Length / 2)], "is damaged");

    [Fact]
    public Task A_file_whose_first_page_was_overwritten_is_refused() => RefusedAsync(
        bytes =>
        {
            bytes.AsSpan(0, 4096).Fill(0x55);
            return bytes;
        },
        "is not a SQLite database");

    [Fact]
    public Task A_file_whose_middle_was_overwritten_is_refused() => RefusedAsync(
        bytes =>
        {
            bytes.AsSpan(4096 * 3, bytes.Length - (4096 * 3)).Fill(0x55);
            return bytes;
        },
        "is damaged");

    [Fact]
    public Task A_file_that_is_no_database_is_refused() => RefusedAsync(_ => "This is a letter.\n"u8.ToArray(), "is not a SQLite database");

    [Fact]
    public async Task A_log_whose_file_is_gone_is_not_given_a_new_file()
    {
        File.Delete(_fixture.Database);
        await File.WriteAllTextAsync($"{_fixture.Database}-wal", "left behind", TestContext.Current.CancellationToken);

        await ThrowsAsync("is missing, but its log");

        Assert.False(File.Exists(_fixture.Database));
    }

    private async Task RefusedAsync(Func<byte[], byte[]> damage, string why)
    {
        var damaged = damage(await File.ReadAllBytesAsync(_fixture.Database));
        await File.WriteAllBytesAsync(_fixture.Database, damaged);

        await ThrowsAsync(why);

        Assert.Equal(damaged, await File.ReadAllBytesAsync(_fixture.Database));
    }

    private async Task ThrowsAsync(string why)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => _fixture.OpenAsync("sluice.db"));
        var refusal = Assert.IsType<SqliteSchemaException>(error.GetBaseException());
        Assert.Contains(_fixture.Database, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }
}
