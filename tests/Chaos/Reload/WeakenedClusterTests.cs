using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>The checker of docs/reload.md can fail: a process that goes without a rule breaks the promise, and it is found.</summary>
public sealed class WeakenedClusterTests(WeakenedCluster weakened) : IClassFixture<WeakenedCluster>, IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2.2);

    private CheckedCluster Cluster => weakened.Cluster;

    private Publisher Publisher => Cluster.Publishers[0];

    private string Silo => Cluster.Silos[0].Name;

    [Fact]
    public async Task A_publish_that_does_not_wait_for_its_barrier_is_found() => await Eventually.TrueAsync(
        async () =>
        {
            await Publisher.ApplyAsync("none");
            return IsFound(WeakenedCluster.Whole);
        },
        "an edge admits under an older revision than was returned",
        Bound);

    [Fact]
    public async Task A_revocation_that_does_not_wait_for_its_barrier_is_found()
    {
        using var end = new CancellationTokenSource();
        var operating = Cluster.Rights.RunAsync(new Random(1), end.Token);
        await Eventually.TrueAsync(() => Task.FromResult(HistoryCheck.Rights(Cluster.History).Any()), "an edge accepts a key that was revoked", Bound);
        await end.CancelAsync();
        await operating;
    }

    [Fact]
    public Task A_lease_counted_from_the_receipt_of_the_answer_is_found() => FindAsync(WeakenedCluster.FromReceipt, async place =>
    {
        // A head is committed while the last grant is on its way, and its news never comes: the grant lasts longer by the time that it took.
        Cluster.Network.Between(Silo, place).Delay = Late;
        await Task.Delay(Late * 2, TimeProvider.System);
        using var admin = Cluster.NewAdmin();
        var before = await HeadAsync(admin);
        var publishing = Publisher.ApplyAsync();
        await Eventually.TrueAsync(async () => await HeadAsync(admin) > before, "the publish is committed");
        await Task.Delay(Late * 0.75, TimeProvider.System);
        HoldBothWays(place);
        await publishing;
    });

    [Fact]
    public Task A_lease_that_does_not_end_is_found() => FindAsync(WeakenedCluster.WithoutEnd, async place =>
    {
        HoldBothWays(place);
        await Publisher.ApplyAsync();
    });

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(SocketOwners.CanTell, "This system does not tell which process a connection comes from.");
        await Cluster.HealAsync();
        Cluster.History.Clear();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Cut off, with a publish on the other side: the edge that goes without its rule admits, and the one that goes by it does not.
    private async Task FindAsync(int weak, Func<string, Task> publishWhileCutOff)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                await CutOffAsync(weak, publishWhileCutOff);
                return IsFound(weak);
            },
            "an edge without the rule admits under an older revision than was returned",
            Bound);
        Cluster.History.Clear();
        await CutOffAsync(WeakenedCluster.Whole, publishWhileCutOff);
        Assert.False(IsFound(WeakenedCluster.Whole), "An edge that goes by all rules was found to break the promise.");
    }

    private async Task CutOffAsync(int edge, Func<string, Task> publishWhileCutOff)
    {
        await publishWhileCutOff(Cluster.EdgePlaces[edge]);
        await Task.Delay(Late, TimeProvider.System);
        await Cluster.HealAsync();
    }

    private static async Task<long> HeadAsync(AdminApi admin) => (await admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("revision").GetInt64();

    private void HoldBothWays(string place)
    {
        Cluster.Network.Hold(Silo, place);
        Cluster.Network.Hold(place, Silo);
    }

    private bool IsFound(int place) => HistoryCheck.Floor(Cluster.History).Any(wrong => wrong.StartsWith($"K1: {Cluster.EdgePlaces[place]},", StringComparison.Ordinal));
}
