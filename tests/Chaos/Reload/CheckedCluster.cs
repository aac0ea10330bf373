using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Tests.Chaos.Accounts;
using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>Silos and edges, each a process of its own behind a faulty network, and clients of every edge.</summary>
internal sealed class CheckedCluster : IAsyncDisposable
{
    private const int ClientsOfEachKind = 2;
    private static readonly TimeSpan CallEvery = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan HealBound = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _clients = [];
    private readonly EdgeProcess[] _edges;
    private readonly int[] _ports;
    private readonly ClusterPlan _plan;
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"chaos-{Guid.NewGuid():n}");
    private EchoUpstream? _upstream;
    private int _starts;

    private CheckedCluster(ClusterPlan plan, History history)
    {
        (_plan, History) = (plan, history);
        _edges = new EdgeProcess[plan.Edges];
        _ports = [.. _edges.Select(_ => Ports.Free())];
        Silos = [.. Enumerable.Range(0, plan.Silos).Select(i => new SiloPlace(Text($"silo{i}"), _name, Data, plan.ForSilos, Network, History))];
    }

    public FaultyNetwork Network { get; } = new();

    public History History { get; }

    public IReadOnlyList<SiloPlace> Silos { get; }

    public IReadOnlyList<EdgeProcess> Edges => _edges;

    /// <summary>The names of edges in the network, whichever process runs in a place.</summary>
    public IReadOnlyList<string> EdgePlaces => [.. _edges.Select((_, i) => EdgePlace(i))];

    /// <summary>Who publishes; one a silo.</summary>
    public IReadOnlyList<Publisher> Publishers { get; private set; } = [];

    /// <summary>The rights that clients use.</summary>
    public RightsOperator Rights { get; private set; } = null!;

    /// <summary>Who spends budgets; null: nobody does.</summary>
    public Spending? Spending { get; private set; }

    private string Data => Path.Combine(_folder.Path, "data");

    /// <summary>Starts all of it, publishes a first bundle, and lets clients call.</summary>
    /// <param name="plan">What it is made of.</param>
    /// <param name="history">What is recorded goes there.</param>
    /// <param name="witness">The provider at which clients spend budgets; null: none do.</param>
    public static async Task<CheckedCluster> StartAsync(ClusterPlan plan, History? history = null, Witness? witness = null)
    {
        var cluster = new CheckedCluster(plan, history ?? new History());
        try
        {
            cluster._upstream = await EchoUpstream.StartAsync();
            await cluster.Silos[0].StartAsync();
            await Task.WhenAll(cluster.Silos.Skip(1).Select(silo => silo.StartAsync()));
            cluster.Spending = witness is null ? null : await Spending.StartAsync(witness, cluster.NewAdmin(), cluster.History);
            var numbers = new Numbers();
            cluster.Publishers = [.. cluster.Silos.Select(silo => new Publisher(cluster.NewAdmin(silo), cluster.History, numbers, cluster._upstream.Port))];
            await cluster.Publishers[0].ApplyAsync();
            cluster.Rights = await RightsOperator.StartAsync(cluster.Silos.Select(cluster.NewAdmin), cluster.History);
            await Task.WhenAll(Enumerable.Range(0, plan.Edges).Select(cluster.StartEdgeAsync));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills an edge, or asks it to end, and starts another in its place.</summary>
    public async Task ReplaceAsync(int place, bool kill)
    {
        var edge = _edges[place];
        if (!kill)
        {
            await edge.StopAsync();
        }

        await edge.DisposeAsync();
        await StartEdgeAsync(place);
    }

    /// <summary>Heals the network, waits until every silo is up and a publish reaches every edge: K7.</summary>
    public async Task HealAsync()
    {
        foreach (var silo in Silos)
        {
            foreach (var other in Silos.Select(s => s.Name).Concat(EdgePlaces))
            {
                Network.Heal(silo.Name, other);
            }
        }

        foreach (var (silo, publisher) in Silos.Zip(Publishers))
        {
            await Eventually.TrueAsync(() => Task.FromResult(silo.IsUp), $"{silo.Name} is up", HealBound);
            await Eventually.TrueAsync(async () => await publisher.ApplyAsync() is { Barrier: "complete" }, $"a publish at {silo.Name} reaches every edge", HealBound);
        }

        var last = History.Publishes.Max(p => p.Revision);
        await Task.WhenAll(_edges.Select(edge => Eventually.TrueAsync(
            async () => await edge.CallAsync() is { IsStale: false, Status: 200 } call && call.Revision >= last, $"{edge.Name} serves revision {last}", HealBound)));
        History.Count("times that all was healed, and every edge at the head");
    }

    /// <summary>Asks every edge to end, for good.</summary>
    public Task StopEdgesAsync() => Task.WhenAll(_edges.Select(edge => edge.StopAsync()));

    /// <summary>An operator at the first silo.</summary>
    public AdminApi NewAdmin() => NewAdmin(Silos[0]);

    /// <summary>No more requests.</summary>
    public async Task StopClientsAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopClientsAsync();
        await Task.WhenAll(_edges.OfType<EdgeProcess>().Select(edge => edge.DisposeAsync().AsTask()));
        await Task.WhenAll(Silos.Select(silo => silo.DisposeAsync().AsTask()));
        await Network.DisposeAsync();
        foreach (var publisher in Publishers)
        {
            publisher.Dispose();
        }

        Rights?.Dispose();
        Spending?.Dispose();
        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }

        _end.Dispose();
        _folder.Dispose();
    }

    private AdminApi NewAdmin(SiloPlace silo) => new(silo.Admin, Silos[0].AdminKey!);

    private async Task StartEdgeAsync(int place)
    {
        var start = Interlocked.Increment(ref _starts);
        string[] arguments = ["--http", Text($"{_ports[place]}"), "--cluster-name", _name, "--data", Data];
        var edge = _edges[place] = await EdgeProcess.StartAsync(EdgePlace(place), Text($"{EdgePlace(place)}, start {start}"), arguments, _plan.ForEdge(place), Network.Owners);
        for (var client = 0; client < ClientsOfEachKind; client++)
        {
            var random = new Random((start * ClientsOfEachKind) + client);
            _clients.Add(Task.Run(() => CallAsync(edge, edge.CallAsync)));
            _clients.Add(Task.Run(() => CallAsync(edge, () => edge.ChatAsync(Rights.Choose(random)))));
            if (Spending is { } spending)
            {
                var wishes = new Random(-start - (client * 1_000));
                _clients.Add(Task.Run(() => spending.SpendAsync(edge, wishes, _end.Token)));
            }
        }
    }

    private async Task CallAsync(EdgeProcess edge, Func<Task<Call>> send)
    {
        while (!_end.IsCancellationRequested && !edge.IsEnded)
        {
            var call = await send();
            if (call.Status is 0 && edge.IsEnded)
            {
                History.Count("requests without an answer, for their edge had ended");
            }
            else
            {
                History.Add(call);
            }

            await Task.Delay(CallEvery, TimeProvider.System);
        }
    }

    private static string EdgePlace(int place) => Text($"edge{place}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
