using System.Net;
using System.Net.Http.Headers;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary><c>sluice backup</c> and <c>sluice restore</c>, run as people run them.</summary>
public sealed class BackupTests(BackupTests.Taken taken) : IClassFixture<BackupTests.Taken>
{
    [Fact]
    public async Task A_backup_of_a_running_cluster_is_restored_elsewhere_with_its_keys_and_history()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "data");

        var (code, _, errors) = await HostedSluice.CommandAsync(["restore", taken.File, "--data", data]);

        Assert.True(code == 0, errors);
        Assert.Contains("root key", errors, StringComparison.Ordinal);
        File.Copy(Path.Combine(taken.Gateway.Data, "root.key"), Path.Combine(data, "root.key"));
        await using var restored = await SluiceProcess.StartAsync(SluiceProcess.Up(data));
        Assert.Null(restored.Line.AdminKey);
        using var admin = new AdminApi(restored.Admin, taken.Gateway.AdminKey);
        Assert.Equal(taken.Revision, (await admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("revision").GetInt64());
        Assert.Equal(taken.Revision + 1, await admin.ApplyAsync(Taken.Upstream(3)));
    }

    [Fact]
    public async Task A_restore_into_a_cluster_that_is_alive_is_refused()
    {
        var (code, _, errors) = await HostedSluice.CommandAsync(["restore", taken.File, "--replace", "--data", taken.Gateway.Data]);

        Assert.Equal(1, code);
        Assert.Contains("in use by a running Sluice", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_over_state_is_refused_unless_it_is_told_to_replace_it()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await HostedSluice.CommandAsync(["restore", taken.File, "--data", folder.Path])).Code);

        var (code, _, errors) = await HostedSluice.CommandAsync(["restore", taken.File, "--data", folder.Path]);

        Assert.Equal(1, code);
        Assert.Contains("--replace", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await HostedSluice.CommandAsync(["restore", taken.File, "--replace", "--data", folder.Path])).Code);
    }

    [Theory]
    [InlineData(0.4, "cut off")]
    [InlineData(0.999, "cut off")]
    public async Task A_file_that_was_cut_off_is_refused_and_nothing_is_made(double part, string why)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "cut.backup");
        var bytes = await File.ReadAllBytesAsync(taken.File, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(file, bytes[..(int)(bytes.Length * part)], TestContext.Current.CancellationToken);

        var (code, _, errors) = await HostedSluice.CommandAsync(["restore", file, "--data", Path.Combine(folder.Path, "data")]);

        Assert.Equal(1, code);
        Assert.Contains(why, errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    [Fact]
    public async Task A_file_in_which_one_letter_was_changed_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "changed.backup");
        var text = await File.ReadAllTextAsync(taken.File, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, text.Replace("\"grainType\":\"tenant\"", "\"grainType\":\"tenans\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var (code, _, errors) = await HostedSluice.CommandAsync(["restore", file, "--data", Path.Combine(folder.Path, "data")]);

        Assert.Equal(1, code);
        Assert.Contains("SHA-256", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_moves_from_SQLite_to_Azure_and_back_with_its_keys_and_history()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        using var folder = new TemporaryFolder();
        await using var account = await AzuriteProcess.StartAsync();
        var azure = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__STORAGE"] = $"azure:{account.ConnectionString()}",
            ["SLUICE__CLUSTER"] = "azure",
            ["SLUICE__CLUSTERNAME"] = "moved",
        };
        var (there, back, file) = (Path.Combine(folder.Path, "there"), Path.Combine(folder.Path, "back"), Path.Combine(folder.Path, "azure.backup"));

        await RunAsync(["restore", taken.File, "--data", there], azure);
        File.Copy(Path.Combine(taken.Gateway.Data, "root.key"), Path.Combine(there, "root.key"));
        await using (var moved = await SluiceProcess.StartAsync(SluiceProcess.Up(there), azure))
        {
            await ServesAsync(moved, taken.Revision);
            using var admin = new AdminApi(moved.Admin, taken.Gateway.AdminKey);
            Assert.Equal(taken.Revision + 1, await admin.ApplyAsync(Taken.Upstream(4)));

            // From another machine, as it were: its data folder is not in use.
            var (code, _, errors) = await HostedSluice.CommandAsync(["restore", taken.File, "--replace", "--data", Path.Combine(folder.Path, "elsewhere")], azure);
            Assert.Equal(1, code);
            Assert.Contains("'moved' is alive", errors, StringComparison.Ordinal);
            await ServesAsync(moved, taken.Revision + 1);
            await RunAsync(["backup", file], azure);
        }

        await RunAsync(["restore", file, "--data", back], environment: null);
        File.Copy(Path.Combine(taken.Gateway.Data, "root.key"), Path.Combine(back, "root.key"));
        await using var returned = await SluiceProcess.StartAsync(SluiceProcess.Up(back));
        await ServesAsync(returned, taken.Revision + 1);
        using var last = new AdminApi(returned.Admin, taken.Gateway.AdminKey);
        Assert.True((await last.GetAsync("audit/verify")).GetProperty("whole").GetBoolean());
        Assert.Equal(taken.Revision + 2, await last.ApplyAsync(Taken.Upstream(5)));
    }

    [Fact]
    public async Task A_restore_over_state_in_Azure_is_refused_unless_it_is_told_to_replace_it()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        using var folder = new TemporaryFolder();
        await using var account = await AzuriteProcess.StartAsync();
        var azure = new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__STORAGE"] = $"azure:{account.ConnectionString()}", ["SLUICE__DATA"] = folder.Path };
        await RunAsync(["restore", taken.File], azure);

        var (code, _, errors) = await HostedSluice.CommandAsync(["restore", taken.File], azure);

        Assert.Equal(1, code);
        Assert.Contains("--replace", errors, StringComparison.Ordinal);
        await RunAsync(["restore", taken.File, "--replace"], azure);
    }

    [Fact]
    public async Task A_backup_of_a_cluster_that_is_not_in_the_account_says_so_and_leaves_no_file()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        using var folder = new TemporaryFolder();
        await using var account = await AzuriteProcess.StartAsync();

        var (code, _, errors) = await HostedSluice.CommandAsync(
            ["backup", Path.Combine(folder.Path, "none.backup")], new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__STORAGE"] = $"azure:{account.ConnectionString()}" });

        Assert.Equal(1, code);
        Assert.Contains("no state of a cluster 'sluice'", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public async Task A_backup_does_not_overwrite_a_file()
    {
        var (code, _, errors) = await HostedSluice.CommandAsync(["backup", taken.File, "--data", taken.Gateway.Data]);

        Assert.Equal(2, code);
        Assert.Contains("is there already", errors, StringComparison.Ordinal);
    }

    private static async Task RunAsync(string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var (code, _, errors) = await HostedSluice.CommandAsync(arguments, environment);
        Assert.True(code == 0, errors);
    }

    // The first tenant's key of before works, under at least a revision.
    private async Task ServesAsync(SluiceProcess process, long revision)
    {
        using var client = new HttpClient { BaseAddress = process.Edge, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", taken.Gateway.TenantKey);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"hello"}]}"""));
                return answer.StatusCode is HttpStatusCode.OK && Gateway.RevisionOf(answer) >= revision;
            },
            $"the edge serves revision {revision}");
    }

    /// <summary>A running cluster and a backup of it.</summary>
    public sealed class Taken : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public Gateway Gateway { get; private set; } = null!;

        public string File => Path.Combine(_folder.Path, "sluice.backup");

        public long Revision { get; private set; }

        public async ValueTask InitializeAsync()
        {
            Gateway = await Gateway.StartAsync();
            Revision = await Gateway.ApplyAsync(Upstream(2));
            var (code, _, errors) = await HostedSluice.CommandAsync(["backup", File, "--data", Gateway.Data]);
            Assert.True(code == 0, errors);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            _folder.Dispose();
        }

        public static string Upstream(int port) => FormattableString.Invariant($$"""
            kind: Upstream
            name: there
            addresses: ["http://127.0.0.1:{{port}}"]
            """);
    }
}
