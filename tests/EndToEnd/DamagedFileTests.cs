using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>A database that cannot be used is named and left as it is; no new one is begun over it.</summary>
public sealed class DamagedFileTests(DamagedFileTests.UsedFolder used) : IClassFixture<DamagedFileTests.UsedFolder>
{
    private const int PageLength = 4096;

    // SQLite's file format, section 1.3: the user version is a big-endian number of four bytes.
    private const int UserVersionAt = 60;

    [Fact]
    public Task An_empty_file_is_refused() => RefusedAsync(_ => [], "is empty");

    [Fact]
    public Task A_file_that_was_cut_in_half_is_refused() => RefusedAsync(bytes => bytes[..(bytes.Length / 2)], "is damaged");

    [Fact]
    public Task A_file_whose_first_page_was_overwritten_is_refused() =>
        RefusedAsync(bytes => Overwrite(bytes, 0, PageLength), "is not a SQLite database");

    [Fact]
    public Task A_file_whose_middle_was_overwritten_is_refused() =>
        RefusedAsync(bytes => Overwrite(bytes, PageLength * 3, bytes.Length), "is damaged");

    [Fact]
    public Task A_file_that_is_no_database_is_refused() => RefusedAsync(_ => "This is a letter.\n"u8.ToArray(), "is not a SQLite database");

    [Fact]
    public Task A_file_of_a_newer_program_is_refused() => RefusedAsync(bytes => WithVersion(bytes, 99), "schema version 99");

    [Fact]
    public Task Another_programs_database_is_refused() => RefusedAsync(bytes => WithVersion(bytes, 0), "another program");

    [Fact]
    public async Task A_log_whose_file_is_gone_is_not_given_a_new_file()
    {
        using var folder = new TemporaryFolder();
        var database = Path.Combine(folder.Path, "sluice.db");
        await File.WriteAllTextAsync($"{database}-wal", "left behind", TestContext.Current.CancellationToken);

        await AssertRefusedAsync(folder.Path, "is missing, but its log");

        Assert.False(File.Exists(database));
    }

    private async Task RefusedAsync(Func<byte[], byte[]> damage, string why)
    {
        using var folder = new TemporaryFolder();
        var database = Path.Combine(folder.Path, "sluice.db");
        var damaged = damage([.. used.Database]);
        await File.WriteAllBytesAsync(database, damaged);

        await AssertRefusedAsync(folder.Path, why);

        Assert.Equal(damaged, await File.ReadAllBytesAsync(database));
    }

    private static async Task AssertRefusedAsync(string data, string why)
    {
        var (code, output, errors) = await SluiceProcess.CommandAsync(SluiceProcess.Up(data));

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains(Path.Combine(data, "sluice.db"), errors, StringComparison.Ordinal);
        Assert.Contains(why, errors, StringComparison.Ordinal);
    }

    private static byte[] Overwrite(byte[] bytes, int from, int to)
    {
        bytes.AsSpan(from, to - from).Fill(0x55);
        return bytes;
    }

    private static byte[] WithVersion(byte[] bytes, byte version)
    {
        bytes[UserVersionAt + 3] = version;
        return bytes;
    }

    /// <summary>The database that a first start has made.</summary>
    public sealed class UsedFolder : IAsyncLifetime
    {
        /// <summary>The bytes of the file.</summary>
        public byte[] Database { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            using var folder = new TemporaryFolder();
            await using var sluice = await SluiceProcess.StartAsync(SluiceProcess.Up(folder.Path));
            Assert.Equal(0, await sluice.StopAsync());
            Database = await File.ReadAllBytesAsync(Path.Combine(folder.Path, "sluice.db"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
