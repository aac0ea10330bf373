using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>
/// The promise of docs/reload.md on real processes: clients and a publisher record what they see, and the history is checked. A run takes some twenty seconds;
/// <c>SLUICE_CHAOS_SECONDS</c> makes it longer, <c>SLUICE_CHAOS_SEED</c> repeats its order of faults.
/// </summary>
public sealed class ReloadHistoryTests(ITestOutputHelper output)
{
    private const int Edges = 3;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task While_edges_are_killed_and_stopped_and_their_silo_too_no_edge_admits_under_an_older_revision_than_was_returned()
    {
        var seed = Number("SLUICE_CHAOS_SEED") ?? Environment.TickCount;
        var random = new Random(seed);
        await using var cluster = await ReloadCluster.StartAsync(Edges);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(Number("SLUICE_CHAOS_SECONDS") ?? (int)Usual.TotalSeconds), TimeProvider.System);
        var publishing = PublishAsync(cluster, end.Token);
        while (!end.IsCancellationRequested)
        {
            await HurtAsync(cluster, random);
        }

        await publishing;
        await cluster.ConvergeAsync(await cluster.PublishAsync("edges"));
        await cluster.StopClientsAsync();
        output.WriteLine($"seed {seed}: {cluster.History.Report()}");
        Assert.Empty(cluster.History.Check());
    }

    [Fact]
    public async Task Reloads_alone_fail_no_request_and_every_barrier_is_complete()
    {
        await using var cluster = await ReloadCluster.StartAsync(2);
        for (var i = 0; i < 50; i++)
        {
            await cluster.PublishAsync("edges");
        }

        await cluster.StopClientsAsync();
        output.WriteLine(cluster.History.Report());
        Assert.Empty(cluster.History.Check());
        Assert.Empty(cluster.History.Failed());
    }

    [Fact]
    public async Task The_check_finds_what_a_publish_without_its_barrier_breaks()
    {
        await using var cluster = await ReloadCluster.StartAsync(2);
        await Eventually.TrueAsync(
            async () =>
            {
                await cluster.PublishAsync("none");
                return cluster.History.Check().Any(w => w.StartsWith("K1", StringComparison.Ordinal));
            },
            "an edge admits under an older revision than was returned",
            TimeSpan.FromSeconds(60));
        output.WriteLine(cluster.History.Report());
    }

    private static async Task PublishAsync(ReloadCluster cluster, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await cluster.PublishAsync("edges");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static async Task HurtAsync(ReloadCluster cluster, Random random)
    {
        var edge = cluster.Edges[random.Next(cluster.Edges.Count)];
        var span = Most * random.NextDouble();
        switch (random.Next(4))
        {
            case 0:
                cluster.History.Count("kills");
                await cluster.ReplaceAsync(edge);
                break;
            case 1 or 2:
                cluster.History.Count("stops of an edge");
                await edge.PauseAsync();
                await Task.Delay(span, TimeProvider.System);
                await edge.ResumeAsync();
                break;
            default:
                cluster.History.Count("stops of the silo");
                await cluster.PauseSiloAsync(span);
                break;
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
