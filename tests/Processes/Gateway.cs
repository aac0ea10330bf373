using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Tests.Processes;

/// <summary>A Sluice of one process on a folder of its own, with an operator and the first tenant's client.</summary>
public sealed class Gateway : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private Gateway(TemporaryFolder folder, SluiceProcess process, string adminKey, string tenantKey)
    {
        (_folder, Process, AdminKey, TenantKey) = (folder, process, adminKey, tenantKey);
        Admin = new AdminApi(process.Admin, adminKey);
    }

    /// <summary>The running process; another one after a restart.</summary>
    public SluiceProcess Process { get; private set; }

    /// <summary>The operator.</summary>
    public AdminApi Admin { get; private set; }

    /// <summary>Printed at the first start.</summary>
    public string AdminKey { get; }

    /// <summary>Printed at the first start: a key of the tenant <c>default</c>.</summary>
    public string TenantKey { get; }

    /// <summary>For clients.</summary>
    public Uri Edge => Process.Edge;

    /// <summary>The data folder.</summary>
    public string Data => Path.Combine(_folder.Path, "data");

    /// <summary>Starts on a new folder.</summary>
    public static async Task<Gateway> StartAsync()
    {
        var folder = new TemporaryFolder();
        try
        {
            var process = await SluiceProcess.StartAsync(SluiceProcess.Up(Path.Combine(folder.Path, "data")));
            return new Gateway(folder, process, process.Line.AdminKey!, process.Line.TenantKey!);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Starts again on the same folder, after the process has ended.</summary>
    public async Task StartAgainAsync()
    {
        await Process.DisposeAsync();
        Process = await SluiceProcess.StartAsync(SluiceProcess.Up(Data));
        Admin.Dispose();
        Admin = new AdminApi(Process.Admin, AdminKey);
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
        await Process.DisposeAsync();
        _folder.Dispose();
    }
}
