using System.Globalization;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>A run of a cluster under faults, in rounds: some time of faults, then all is healed and must come to the head. At the end the history and what is stored are checked.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="seed">Decides on the order of faults.</param>
internal sealed class CheckedRun(CheckedCluster cluster, int seed)
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(40);
    private const int CalmPublishes = 20;

    /// <summary>Reloads alone: they fail no request, and every barrier is complete.</summary>
    public async Task<IReadOnlyList<string>> CalmAsync()
    {
        for (var i = 0; i < CalmPublishes; i++)
        {
            await cluster.Publishers[i % cluster.Publishers.Count].ApplyAsync();
        }

        return
        [
            .. HistoryCheck.Run(cluster.History),
            .. cluster.History.Publishes.Where(p => p.Barrier is not "complete").Select(p => $"K7: the barrier of {p.Revision} was {p.Barrier} though nothing was amiss"),
            .. cluster.History.Calls.Where(c => c.Status is not 200).Select(c => $"K8: {c.Edge} answered {c.Status} while revisions were published and nothing else happened: {c.Problem}"),
        ];
    }

    /// <summary>Faults for a time.</summary>
    /// <param name="span">Of faults; healing comes besides.</param>
    /// <param name="more">Further faults, beside those of the network and of processes.</param>
    public async Task HurtAsync(TimeSpan span, Func<Random, CancellationToken, Task>? more = null)
    {
        for (var (left, round) = (span, 0); left > TimeSpan.Zero; left -= Round, round++)
        {
            var length = left < Round ? left : Round;
            using var end = new CancellationTokenSource(length, TimeProvider.System);
            Random NewRandom(int n) => new(HashCode(n, round));
            var (network, processes) = (new NetworkFaults(cluster, NewRandom(0)), new ProcessFaults(cluster, NewRandom(1)));
            await Task.WhenAll(
            [
                WhileAsync(network.OneAsync, end.Token),
                WhileAsync(processes.OneAsync, end.Token),
                cluster.Rights.RunAsync(NewRandom(2), end.Token),
                more?.Invoke(NewRandom(3), end.Token) ?? Task.CompletedTask,
                cluster.Spending?.RaiseAsync(NewRandom(4), end.Token) ?? Task.CompletedTask,
                .. cluster.Publishers.Select((publisher, i) => publisher.RunAsync(NewRandom(10 + i), end.Token)),
            ]);
            await cluster.HealAsync();
        }
    }

    /// <summary>Ends the requests, and checks all that was seen and all that is stored.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await cluster.StopClientsAsync();
        return [.. HistoryCheck.Run(cluster.History), .. await StoreCheck.RunAsync(cluster)];
    }

    /// <summary>The seed and what happened, for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"seed {seed}\n{cluster.History.Report()}");

    // Mixes, and is the same in every process.
    private int HashCode(int part, int round) => unchecked((((seed * 31) + part) * 31) + round);

    private static async Task WhileAsync(Func<Task> one, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await one();
        }
    }
}
