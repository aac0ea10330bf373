using Sluice.Tests.Chaos.Network;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>Faults between two processes, or between one and all others of a kind: for a while, then healed.</summary>
internal sealed class NetworkFaults(CheckedCluster cluster, Random random)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2.5);

    private FaultyNetwork Network => cluster.Network;

    private string AnEdge => cluster.EdgePlaces[random.Next(cluster.EdgePlaces.Count)];

    private string ASilo => cluster.Silos[random.Next(cluster.Silos.Count)].Name;

    /// <summary>One fault, to its end.</summary>
    public async Task OneAsync()
    {
        var (one, others, between) = Choose();
        var span = Longest * random.NextDouble();
        switch (random.Next(7))
        {
            case 0 or 1:
                await ForAsync($"cuts {between}", one, others, span, other => Network.Cut(one, other));
                break;
            case 2:
                await ForAsync($"black holes {between}", one, others, span, other =>
                {
                    Network.Hold(one, other);
                    Network.Hold(other, one);
                });
                break;
            case 3:
                await ForAsync($"black holes {between}, one way", one, others, span, other => Network.Hold(one, other));
                break;
            case 4:
                await ForAsync($"black holes {between}, the other way", one, others, span, other => Network.Hold(other, one));
                break;
            case 5:
                await SlowAsync(between, one, others, span);
                break;
            default:
                cluster.History.Count($"resets {between}");
                others.ForEach(other => Network.Reset(one, other));
                break;
        }
    }

    // An answer that comes late, and then nothing: what a lease that is counted from its receipt would outlive.
    private async Task SlowAsync(string between, string one, List<string> others, TimeSpan span)
    {
        var (there, back) = (LongestDelay * random.NextDouble(), LongestDelay * random.NextDouble());
        var isCutAfter = random.Next(2) is 0;
        await ForAsync($"delays {between}", one, others, span, other =>
        {
            Network.Between(one, other).Delay = there;
            Network.Between(other, one).Delay = back;
        }, heal: !isCutAfter);
        if (isCutAfter)
        {
            await ForAsync($"black holes {between}, after a delay", one, others, span, other =>
            {
                Network.Hold(one, other);
                Network.Hold(other, one);
            });
        }
    }

    private (string One, List<string> Others, string Between) Choose()
    {
        switch (random.Next(5))
        {
            case 0 or 1:
                return (AnEdge, [.. cluster.Silos.Select(s => s.Name)], "between an edge and every silo");
            case 2:
                return (AnEdge, [ASilo], "between an edge and a silo");
            case 3:
                var alone = ASilo;
                return (alone, [.. cluster.Silos.Select(s => s.Name).Where(s => !string.Equals(s, alone, StringComparison.Ordinal))], "between a silo and every other");
            default:
                return (ASilo, [.. cluster.EdgePlaces], "between a silo and every edge");
        }
    }

    private async Task ForAsync(string what, string one, List<string> others, TimeSpan span, Action<string> hurt, bool heal = true)
    {
        cluster.History.Count(what);
        others.ForEach(hurt);
        await Task.Delay(span, TimeProvider.System);
        if (heal)
        {
            others.ForEach(other => Network.Heal(one, other));
        }
    }
}
