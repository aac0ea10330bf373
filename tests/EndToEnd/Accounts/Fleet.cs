using System.Globalization;
using System.Net.Http.Headers;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A silo and edges, each a process of its own.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SluiceProcess> _processes = [];
    private readonly string[] _cluster;
    private AdminApi? _admin;
    private string? _key;

    private Fleet()
    {
        var port = Ports.Free().ToString(CultureInfo.InvariantCulture);
        _cluster = ["--gateway-port", port, "--cluster-name", $"test-{port}"];
    }

    public AdminApi Admin => _admin!;

    public SluiceProcess Silo => _processes[0];

    public IReadOnlyList<SluiceProcess> Edges => _processes[1..];

    /// <summary>Each edge's port for operators.</summary>
    public IReadOnlyList<int> Ops { get; private set; } = [];

    public static async Task<Fleet> StartAsync(int edges)
    {
        var fleet = new Fleet();
        try
        {
            var silo = await fleet.StartSiloAsync();
            fleet._processes.Add(silo);
            fleet._key = silo.Line.AdminKey!;
            fleet._admin = new AdminApi(silo.Admin, fleet._key);
            fleet.Ops = [.. Enumerable.Range(0, edges).Select(_ => Ports.Free())];
            fleet._processes.AddRange(await Task.WhenAll(Enumerable.Range(0, edges).Select(fleet.StartEdgeAsync)));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the silo, as a crash of its machine does, and starts it again on what it has stored.</summary>
    public async Task CrashSiloAsync()
    {
        await Silo.KillAsync();
        await Silo.DisposeAsync();
        _processes[0] = await StartSiloAsync();
        _admin!.Dispose();
        _admin = new AdminApi(Silo.Admin, _key!);
    }

    /// <summary>Starts an edge that was killed again, on what it has left.</summary>
    public async Task StartEdgeAgainAsync(int edge)
    {
        await Edges[edge].DisposeAsync();
        _processes[edge + 1] = await StartEdgeAsync(edge);
    }

    /// <summary>Applies a bundle and waits until every edge serves it.</summary>
    public async Task ApplyAsync(string yaml)
    {
        var revision = await Admin.ApplyAsync(yaml);
        foreach (var edge in Edges)
        {
            using var client = Client(edge, "");
            await Eventually.TrueAsync(
                async () =>
                {
                    using var answer = await client.GetAsync("/v1/models");
                    return Gateway.RevisionOf(answer) >= revision;
                },
                $"every edge serves revision {revision}");
        }
    }

    /// <summary>A client of one edge.</summary>
    public static HttpClient Client(SluiceProcess edge, string key)
    {
        var client = new HttpClient { BaseAddress = edge.Edge, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = key.Length > 0 ? new AuthenticationHeaderValue("Bearer", key) : null;
        return client;
    }

    /// <summary>Ends the edges in good order, so that all is reported.</summary>
    public async Task StopEdgesAsync()
    {
        foreach (var edge in Edges)
        {
            Assert.Equal(0, await edge.StopAsync());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private Task<SluiceProcess> StartEdgeAsync(int edge) => SluiceProcess.StartAsync(
        ["edge", "--http", "0", "--ops", Ops[edge].ToString(CultureInfo.InvariantCulture), "--listen", "127.0.0.1", .. _cluster],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__EDGE__JOURNAL"] = Path.Combine(_folder.Path, $"journal-{edge.ToString(CultureInfo.InvariantCulture)}"),
            ["SLUICE__EDGE__DRAINDELAY"] = "0s",
        });

    private Task<SluiceProcess> StartSiloAsync() => SluiceProcess.StartAsync(["silo", "--admin", "0", "--silo-port", "0", "--data", _folder.Path, .. _cluster]);
}
