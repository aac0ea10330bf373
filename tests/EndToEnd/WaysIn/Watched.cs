using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.WaysIn;

/// <summary>A Sluice that watches one source, with the folder that a test writes into.</summary>
internal sealed class Watched : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly RunningSluice _sluice;

    private Watched(TemporaryFolder folder, RunningSluice sluice, string source) =>
        (_folder, _sluice, Source, Admin) = (folder, sluice, source, new AdminApi(sluice.Admin, sluice.Line.AdminKey!));

    public AdminApi Admin { get; }

    /// <summary>As resources name it.</summary>
    public string Source { get; }

    /// <summary>The folder that is watched.</summary>
    public string Files => Path.Combine(_folder.Path, "files");

    /// <summary>Where operators and the command line reach it.</summary>
    public Uri Address => _sluice.Admin;

    /// <summary>The first key.</summary>
    public string AdminKey => _sluice.Line.AdminKey!;

    /// <summary>For the command line.</summary>
    public Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["SLUICE_ADMIN_URL"] = Address.AbsoluteUri, ["SLUICE_ADMIN_KEY"] = AdminKey };

    /// <summary>The process, of one that was started as such.</summary>
    public SluiceProcess AsProcess => (SluiceProcess)_sluice;

    /// <summary>Starts with a source of a kind and what the test put into its folder before.</summary>
    public static Task<Watched> StartAsync(string kind, Action<string> prepare, IReadOnlyDictionary<string, string>? settings = null) =>
        StartAsync(kind, prepare, settings, async (up, environment) => await HostedSluice.StartAsync(up, environment));

    /// <summary>The same as a process.</summary>
    public static Task<Watched> StartProcessAsync(string kind, Action<string> prepare) =>
        StartAsync(kind, prepare, settings: null, async (up, environment) => await SluiceProcess.StartAsync(up, environment));

    private static async Task<Watched> StartAsync(
        string kind, Action<string> prepare, IReadOnlyDictionary<string, string>? settings, Func<string[], IReadOnlyDictionary<string, string>, Task<RunningSluice>> start)
    {
        var folder = new TemporaryFolder();
        try
        {
            var files = Path.Combine(folder.Path, "files");
            Directory.CreateDirectory(files);
            prepare(files);
            var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal)
            {
                ["SLUICE__SOURCES__0__KIND"] = kind,
                ["SLUICE__SOURCES__0__NAME"] = "base",
                ["SLUICE__SOURCES__0__PATH"] = files,
                ["SLUICE__SOURCES__0__EVERY"] = "100ms",
            };
            return new Watched(folder, await start(SluiceProcess.Up(Path.Combine(folder.Path, "data")), environment), $"{kind}:base");
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file beside the folder and moves it in, so that it is there whole.</summary>
    public void Write(string name, string text)
    {
        var (beside, target) = (Path.Combine(_folder.Path, "beside"), Path.Combine(Files, name));
        File.WriteAllText(beside, text);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(beside, target, overwrite: true);
    }

    /// <summary>Waits until the source stands so, and answers how.</summary>
    public async Task<JsonElement> UntilAsync(string what, Func<JsonElement, bool> isSo) => (await Eventually.GetAsync(
        async () => (await Admin.GetAsync("sources")).GetProperty("items").EnumerateArray().Where(isSo).ToArray() is [_, ..] found ? found : null, what))[0];

    /// <summary>Waits until the source is applied by a revision after one.</summary>
    public Task<JsonElement> AppliedAsync(long after) => UntilAsync(
        FormattableString.Invariant($"{Source} is applied after revision {after}"),
        s => State(s) is "applied" && s.TryGetProperty("revision", out var revision) && revision.GetInt64() > after);

    /// <summary>Waits until the source has failed with such an error.</summary>
    public Task<JsonElement> FailedAsync(string message) => UntilAsync($"{Source} fails: {message}", s => State(s) is "failed" && s.GetProperty("errors").ToString().Contains(message, StringComparison.Ordinal));

    public async Task<long> ActiveAsync() => (await Admin.GetAsync("revisions?limit=1")).GetProperty("active").GetInt64();

    /// <summary>Whose the resources of a kind are: <c>a folder:base</c>.</summary>
    public async Task<string[]> OwnersAsync(string kind) =>
        [.. (await Admin.GetAsync(kind)).GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("name")} {i.GetProperty("owner")}")];

    public static string Upstream(string name, int port) => string.Create(CultureInfo.InvariantCulture, $"kind: Upstream\nname: {name}\naddresses: [\"http://127.0.0.1:{port}\"]\n");

    /// <summary>Runs Git in the watched folder.</summary>
    public static string Git(string folder, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", folder, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var output = git.StandardOutput.ReadToEnd();
        Assert.True(git.WaitForExit(30_000) && git.ExitCode is 0, $"git {string.Join(' ', arguments)}: {git.StandardError.ReadToEnd()}");
        return output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await _sluice.DisposeAsync();
        _folder.Dispose();
    }

    private static string? State(JsonElement source) => source.GetProperty("state").GetString();
}
