using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Tests.Processes;

/// <summary>A Sluice of one process on a folder of its own, with an operator and the first tenant's client.</summary>
public sealed class Gateway : IAsyncDisposable
{
    private const int MostTries = 3;
    private readonly TemporaryFolder _folder;

    private Gateway(TemporaryFolder folder, RunningSluice sluice)
    {
        (_folder, Sluice, AdminKey, TenantKey) = (folder, sluice, sluice.Line.AdminKey!, sluice.Line.TenantKey!);
        Admin = new AdminApi(sluice.Admin, AdminKey);
    }

    /// <summary>What runs; another one after a restart.</summary>
    public RunningSluice Sluice { get; private set; }

    /// <summary>The running process, of a gateway that was started as one.</summary>
    public SluiceProcess Process => (SluiceProcess)Sluice;

    /// <summary>The operator.</summary>
    public AdminApi Admin { get; private set; }

    /// <summary>Printed at the first start.</summary>
    public string AdminKey { get; }

    /// <summary>Printed at the first start: a key of the tenant <c>default</c>.</summary>
    public string TenantKey { get; }

    /// <summary>For clients.</summary>
    public Uri Edge => Sluice.Edge;

    /// <summary>The data folder.</summary>
    public string Data => Path.Combine(_folder.Path, "data");

    /// <summary>Starts on a new folder, within the tests' own process.</summary>
    /// <param name="settings">As in environment variables.</param>
    /// <param name="ops">The edge's port for operators; 0: a free one.</param>
    public static Task<Gateway> StartAsync(IReadOnlyDictionary<string, string>? settings = null, int ops = 0) => StartAsync(async up => await HostedSluice.StartAsync(up, settings), ops);

    /// <summary>The same, as a process.</summary>
    public static Task<Gateway> StartProcessAsync(IReadOnlyDictionary<string, string>? settings = null, int ops = 0) => StartAsync(async up => await SluiceProcess.StartAsync(up, settings), ops);

    private static async Task<Gateway> StartAsync(Func<string[], Task<RunningSluice>> start, int ops = 0)
    {
        for (var tries = 1; ; tries++)
        {
            var folder = new TemporaryFolder();
            try
            {
                return new Gateway(folder, await start(SluiceProcess.Up(Path.Combine(folder.Path, "data"), ops)));
            }
            catch (InvalidOperationException taken) when (tries < MostTries && ops == 0 && taken.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
                // A port that was found free is bound a moment later: another test's connection may have it by then.
                folder.Dispose();
            }
            catch
            {
                folder.Dispose();
                throw;
            }
        }
    }

    /// <summary>Starts again on the same folder, as a process, after what ran there has ended.</summary>
    public async Task StartAgainAsync()
    {
        await Sluice.DisposeAsync();
        Sluice = await SluiceProcess.StartAsync(SluiceProcess.Up(Data));
        Admin.Dispose();
        Admin = new AdminApi(Sluice.Admin, AdminKey);
    }

    /// <summary>An HTTP client of the edge with a key; each has connections of its own.</summary>
    public HttpClient Client(string? key = null)
    {
        var client = new HttpClient { BaseAddress = Edge, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key ?? TenantKey);
        return client;
    }

    /// <summary>Waits until the edge answers under at least this revision.</summary>
    public async Task ServesAsync(long revision)
    {
        using var client = Client();
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/v1/models");
                return RevisionOf(answer) >= revision;
            },
            $"the edge serves revision {revision}");
    }

    /// <summary>Applies a bundle and waits until the edge serves it.</summary>
    public async Task<long> ApplyAsync(string yaml)
    {
        var revision = await Admin.ApplyAsync(yaml);
        await ServesAsync(revision);
        return revision;
    }

    /// <summary>The number in <c>sluice-revision</c>.</summary>
    public static long RevisionOf(HttpResponseMessage answer)
    {
        var label = answer.Headers.TryGetValues("sluice-revision", out var values) ? values.Single() : "default@0";
        return long.Parse(label[(label.IndexOf('@', StringComparison.Ordinal) + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A JSON body.</summary>
    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Sluice.DisposeAsync();
        _folder.Dispose();
    }
}
