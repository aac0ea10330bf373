using System.Globalization;
using Sluice.Tests.Chaos.Accounts;
using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>
/// The promises of docs/reload.md and docs/accounting.md on real processes: clients, publishers and operators record what they see, and the history is checked, and the accounts against the
/// provider's bill. A run takes half a
/// minute; <c>bench/checker</c> makes longer ones, and those with storage that fails.
/// </summary>
public sealed class ReloadHistoryTests(ITestOutputHelper output)
{
    private const int MostTold = 40;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);

    private static int? Seconds => Number("SLUICE_CHAOS_SECONDS");

    [Fact]
    public async Task Whatever_is_cut_killed_and_stopped_no_edge_admits_under_what_was_before_and_without_faults_no_request_fails()
    {
        var history = new History();
        await CheckAsync(history, new ClusterPlan(Silos(2), Edges(3)), more: null);
    }

    [Fact(Explicit = true)]
    public async Task The_same_holds_while_the_storage_of_a_cluster_fails_in_every_way()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        var history = new History();
        await using var storage = await StorageFaults.StartAsync(history);
        await CheckAsync(history, new ClusterPlan(Silos(2), Edges(2), storage.Settings), storage.RunAsync);
    }

    private async Task CheckAsync(History history, ClusterPlan plan, Func<Random, CancellationToken, Task>? more)
    {
        Assert.SkipUnless(SocketOwners.CanTell, "This system does not tell which process a connection comes from.");
        var seed = Number("SLUICE_CHAOS_SEED") ?? Environment.TickCount;
        await using var witness = await Witness.StartAsync(seed);
        await using var cluster = await CheckedCluster.StartAsync(plan, history, witness);
        var run = new CheckedRun(cluster, seed);
        var wrong = await run.CalmAsync();
        if (wrong.Count is 0)
        {
            await run.HurtAsync(Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Usual, more);
            wrong = [.. await run.EndAsync(), .. await AccountsCheck.RunAsync(cluster, witness)];
        }

        var report = string.Create(CultureInfo.InvariantCulture, $"{run}{wrong.Count,8} violations\n{string.Join('\n', wrong.Take(MostTold))}");
        output.WriteLine(report);
        if (Environment.GetEnvironmentVariable("SLUICE_CHAOS_REPORT") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, report);
        }

        Assert.True(wrong.Count is 0, report);
    }

    // A run of minutes has the machine for itself.
    private static int Silos(int usual) => Number("SLUICE_CHAOS_SILOS") ?? (Seconds is null ? usual : 3);

    private static int Edges(int usual) => Number("SLUICE_CHAOS_EDGES") ?? usual;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
