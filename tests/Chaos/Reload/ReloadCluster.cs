using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>One silo and some edges, each a process of its own; clients of every edge, and a publisher.</summary>
internal sealed class ReloadCluster : IAsyncDisposable
{
    private static readonly TimeSpan CallEvery = TimeSpan.FromMilliseconds(15);
    private readonly TemporaryFolder _folder = new();
    private readonly int _gateway = Ports.Free();
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _clients = [];
    private readonly List<EdgeProcess> _edges = [];
    private SluiceProcess? _silo;
    private Upstream? _upstream;
    private int _version;

    public History History { get; } = new();

    public IReadOnlyList<EdgeProcess> Edges => _edges;

    private AdminApi? Admin { get; set; }

    private string Cluster => string.Create(CultureInfo.InvariantCulture, $"chaos-{_gateway}");

    public static async Task<ReloadCluster> StartAsync(int edges)
    {
        var cluster = new ReloadCluster();
        cluster._upstream = await Upstream.StartAsync("there");
        cluster._silo = await SluiceProcess.StartAsync([
            "silo", "--admin", "0", "--silo-port", "0", "--gateway-port", cluster._gateway.ToString(CultureInfo.InvariantCulture),
            "--cluster-name", cluster.Cluster, "--data", cluster._folder.Path]);
        cluster.Admin = new AdminApi(cluster._silo.Admin, cluster._silo.Line.AdminKey!);
        var started = await Task.WhenAll(Enumerable.Range(0, edges).Select(i => EdgeProcess.StartAsync($"edge{i}", cluster._gateway, cluster.Cluster)));
        cluster._edges.AddRange(started);
        await cluster.PublishAsync("edges");
        started.ToList().ForEach(cluster.Call);
        return cluster;
    }

    /// <summary>Publishes a change, and records when it returned.</summary>
    /// <param name="wait">As the admin API's parameter.</param>
    public async Task<long> PublishAsync(string wait)
    {
        var bundle = string.Create(CultureInfo.InvariantCulture, $$"""
            kind: Upstream
            name: there
            addresses: ["{{_upstream!.Address}}"]
            ---
            kind: Upstream
            name: changing
            addresses: ["http://127.0.0.1:{{1 + (++_version % 60_000)}}"]
            ---
            kind: Route
            name: there
            match: { path: /there }
            split: [{ upstream: there }]
            """);
        var started = TimeProvider.System.GetTimestamp();
        var (status, answer) = await Admin!.SendAsync(HttpMethod.Post, $"apply?wait={wait}", bundle, "application/yaml");
        var returned = TimeProvider.System.GetTimestamp();
        if ((int)status is not 200)
        {
            History.Count($"publishes answered {(int)status}");
            return 0;
        }

        var revision = answer.GetProperty("revision").GetInt64();
        History.Add(new Publish(started, returned, revision, answer.GetProperty("barrier").GetString()!));
        return revision;
    }

    /// <summary>Kills an edge and starts another in its place.</summary>
    public async Task ReplaceAsync(EdgeProcess edge)
    {
        await edge.DisposeAsync();
        var next = await EdgeProcess.StartAsync($"edge{++_version}", _gateway, Cluster);
        _edges[_edges.IndexOf(edge)] = next;
        Call(next);
    }

    /// <summary>The silo stands still for a while: every edge is cut off from it.</summary>
    public async Task PauseSiloAsync(TimeSpan span)
    {
        await _silo!.SignalAsync("STOP");
        await Task.Delay(span, TimeProvider.System);
        await _silo.SignalAsync("CONT");
    }

    /// <summary>K7: waits until each edge answers under a revision without saying that it may be stale.</summary>
    public Task ConvergeAsync(long revision) => Task.WhenAll(_edges.Select(edge => Eventually.TrueAsync(
        async () => await edge.CallAsync() is { IsStale: false, Status: 200 } call && call.Revision >= revision,
        $"{edge.Name} serves revision {revision}")));

    /// <summary>No more requests.</summary>
    public async Task StopClientsAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopClientsAsync();
        await Task.WhenAll(_edges.Select(edge => edge.DisposeAsync().AsTask()));
        Admin?.Dispose();
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }

        _end.Dispose();
        _folder.Dispose();
    }

    private void Call(EdgeProcess edge)
    {
        for (var i = 0; i < 2; i++)
        {
            _clients.Add(Task.Run(async () =>
            {
                while (!_end.IsCancellationRequested && !edge.IsEnded)
                {
                    var call = await edge.CallAsync();
                    if (!edge.IsEnded)
                    {
                        History.Add(call);
                    }

                    await Task.Delay(CallEvery, TimeProvider.System);
                }
            }));
        }
    }
}
