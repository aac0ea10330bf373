namespace Sluice.Tests.Chaos.Reload;

/// <summary>Edges and silos that are killed, asked to end, and stopped for a while.</summary>
internal sealed class ProcessFaults(CheckedCluster cluster, Random random)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(1);

    /// <summary>One fault, to its end, and a rest.</summary>
    public async Task OneAsync()
    {
        var place = random.Next(cluster.Edges.Count);
        var silo = cluster.Silos[random.Next(cluster.Silos.Count)];
        var span = Longest * random.NextDouble();
        switch (random.Next(10))
        {
            case 0 or 1:
                cluster.History.Count("kills of an edge");
                await cluster.ReplaceAsync(place, kill: true);
                break;
            case 2:
                cluster.History.Count("ends of an edge that was asked to");
                await cluster.ReplaceAsync(place, kill: false);
                break;
            case 3 or 4 or 5:
                cluster.History.Count("stops of an edge");
                await cluster.Edges[place].PauseAsync();
                await Task.Delay(span, TimeProvider.System);
                await cluster.Edges[place].ResumeAsync();
                break;
            case 6:
                cluster.History.Count("kills of a silo");
                await silo.KillAsync();
                break;
            case 7:
                cluster.History.Count("ends of a silo that was asked to");
                await silo.StopAsync();
                break;
            default:
                cluster.History.Count("stops of a silo");
                await silo.PauseAsync(span);
                break;
        }

        await Task.Delay(ShortestRest + (span / 2), TimeProvider.System);
    }
}
