using System.Globalization;

namespace Sluice.Tests.Processes;

/// <summary>Silos and edges as processes of their own on one store. An edge and an admin API keep their addresses over restarts, as behind a load balancer.</summary>
public sealed class Cluster : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly SluiceProcess[] _silos;
    private readonly SluiceProcess[] _edges;
    private readonly int[] _adminPorts;
    private readonly int[] _edgePorts;

    private Cluster(IReadOnlyDictionary<string, string> settings, int silos, int edges)
    {
        _settings = settings;
        (_silos, _edges) = (new SluiceProcess[silos], new SluiceProcess[edges]);
        _adminPorts = [.. _silos.Select(_ => Ports.Free())];
        _edgePorts = [.. _edges.Select(_ => Ports.Free())];
    }

    /// <summary>Printed at the first start.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>The admin APIs, one a silo.</summary>
    public IReadOnlyList<Uri> Admins => [.. _adminPorts.Select(Address)];

    /// <summary>For clients, one an edge.</summary>
    public IReadOnlyList<Uri> Edges => [.. _edgePorts.Select(Address)];

    /// <summary>Starts a new cluster in an Azure Storage account: one silo makes it, the others join.</summary>
    public static async Task<Cluster> StartAsync(AzuriteProcess account, int silos, int edges)
    {
        var cluster = new Cluster(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["SLUICE__STORAGE"] = $"azure:{account.ConnectionString()}",
                ["SLUICE__CLUSTER"] = "azure",
                ["SLUICE__CLUSTERNAME"] = $"test-{Guid.NewGuid():n}",
            },
            silos,
            edges);
        try
        {
            await cluster.StartSiloAsync(0);
            cluster.AdminKey = cluster._silos[0].Line.AdminKey!;
            await Task.WhenAll([.. Enumerable.Range(1, silos - 1).Select(cluster.StartSiloAsync), .. Enumerable.Range(0, edges).Select(cluster.StartEdgeAsync)]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The operator at one silo.</summary>
    public AdminApi Admin(int silo) => new(Address(_adminPorts[silo]), AdminKey);

    /// <summary>Asks a silo to end; answers its exit code.</summary>
    public Task<int> StopSiloAsync(int silo) => _silos[silo].StopAsync();

    /// <summary>Asks an edge to end; answers its exit code.</summary>
    public Task<int> StopEdgeAsync(int edge) => _edges[edge].StopAsync();

    /// <summary>Kills a silo, as a crash of its machine does.</summary>
    public Task KillSiloAsync(int silo) => _silos[silo].KillAsync();

    /// <summary>Starts a silo that is not running, and waits until it is ready.</summary>
    public Task StartSiloAsync(int silo) =>
        StartAsync(_silos, silo, ["silo", "--admin", Text(_adminPorts[silo]), "--silo-port", "0", "--gateway-port", "0", "--data", Path.Combine(_folder.Path, "data")]);

    /// <summary>Starts an edge that is not running, and waits until it serves.</summary>
    public Task StartEdgeAsync(int edge) =>
        StartAsync(_edges, edge, ["edge", "--http", Text(_edgePorts[edge]), "--ops", "0", "--listen", "127.0.0.1", "--data", Path.Combine(_folder.Path, $"edge-{Text(edge)}")]);

    public async ValueTask DisposeAsync()
    {
        // Entries of processes that never started are null.
        await Task.WhenAll(_edges.Concat(_silos).OfType<SluiceProcess>().Select(p => p.DisposeAsync().AsTask()));
        _folder.Dispose();
    }

    private async Task StartAsync(SluiceProcess[] among, int index, string[] arguments)
    {
        if (among[index] is { } ended)
        {
            await ended.DisposeAsync();
        }

        among[index] = await SluiceProcess.StartAsync(arguments, _settings);
    }

    private static Uri Address(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
