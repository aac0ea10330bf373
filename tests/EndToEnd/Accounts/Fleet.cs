using System.Globalization;
using System.Net.Http.Headers;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A silo and edges, each a process of its own.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SluiceProcess> _processes = [];
    private AdminApi? _admin;

    public AdminApi Admin => _admin!;

    public IReadOnlyList<SluiceProcess> Edges => _processes[1..];

    public static async Task<Fleet> StartAsync(int edges)
    {
        var fleet = new Fleet();
        try
        {
            var port = Ports.Free().ToString(CultureInfo.InvariantCulture);
            string[] cluster = ["--gateway-port", port, "--cluster-name", $"test-{port}"];
            var silo = await SluiceProcess.StartAsync(["silo", "--admin", "0", "--silo-port", "0", "--data", fleet._folder.Path, .. cluster]);
            fleet._processes.Add(silo);
            fleet._admin = new AdminApi(silo.Admin, silo.Line.AdminKey!);
            fleet._processes.AddRange(await Task.WhenAll(Enumerable.Range(0, edges).Select(_ =>
                SluiceProcess.StartAsync(["edge", "--http", "0", "--ops", "0", "--listen", "127.0.0.1", .. cluster]))));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
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
}
