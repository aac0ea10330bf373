using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;
using Sluice.Tests.Weakened;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>The checker of docs/reload.md can fail: a process that goes without a rule breaks the promise, and it is found.</summary>
public sealed class WeakenedClusterTests(WeakenedCluster weakened) : IClassFixture<WeakenedCluster>, IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2.2);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(1.5);

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
    public Task A_publish_that_returns_when_most_edges_are_there_is_found() => FindAsync(Rule.BarrierOfAll, WeakenedCluster.Whole, PublishAsync);

    [Fact]
    public async Task A_revocation_that_does_not_wait_for_its_barrier_is_found()
    {
        using var without = weakened.Without(Rule.RevocationWaits);
        using var end = new CancellationTokenSource();
        var operating = Cluster.Rights.RunAsync(new Random(1), end.Token);
        await Eventually.TrueAsync(() => Task.FromResult(HistoryCheck.Rights(Cluster.History).Any()), "an edge accepts a key that was revoked", Bound);
        await end.CancelAsync();
        await operating;
    }

    [Fact]
    public Task A_lease_counted_from_the_receipt_of_the_answer_is_found() => FindAsync(Rule.LeaseFromBeforeItWasAsked, WeakenedCluster.Weak, async place =>
    {
        // A head is committed while the last grant is on its way, and its news never comes: the grant lasts longer by the time that it took.
        Slow(place, Late);
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
    public Task A_lease_that_does_not_end_is_found() => FindAsync(Rule.LeaseEnds, WeakenedCluster.WithoutEnd, PublishAsync);

    [Fact]
    public Task A_grant_that_counts_at_once_is_found() => FindAsync(Rule.GrantCountsOnceReached, WeakenedCluster.Weak, PublishToSlowAsync);

    [Fact]
    public Task A_grant_from_a_head_that_is_remembered_is_found() => FindAsync(Rule.GrantFromARead, WeakenedCluster.Whole, PublishToSlowAsync);

    [Fact]
    public Task A_grant_to_an_edge_that_is_not_listed_is_found() => FindAsync(Rule.ListedBeforeGranted, WeakenedCluster.Whole, PublishAsync);

    [Fact]
    public Task An_acknowledgement_of_what_is_not_run_yet_is_found() => FindAsync(Rule.AcknowledgedOnceRun, WeakenedCluster.Weak, async place =>
    {
        // The head is heard of, and takes as long again to be fetched; a lease from before it holds for most of that time.
        Slow(place, Late / 2);
        await Publisher.ApplyAsync();
    });

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(SocketOwners.CanTell, "This system does not tell which process a connection comes from.");
        await Cluster.HealAsync();
        Cluster.History.Clear();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Without the rule an edge admits what it must not; with it the one that goes by all rules does not, in the same straits.
    private async Task FindAsync(Rule rule, int weak, Func<string, Task> publishInStraits)
    {
        using (weakened.Without(rule))
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    await InStraitsAsync(weak, publishInStraits);
                    return IsFound(weak);
                },
                "an edge without the rule admits under an older revision than was returned",
                Bound);
        }

        // The rule is back once the fleet has heard every edge by it.
        using var admin = Cluster.NewAdmin();
        await Eventually.TrueAsync(async () => (await admin.GetAsync("edges")).GetProperty("items").GetArrayLength() == Cluster.Edges.Count, "every edge is heard");
        await Cluster.HealAsync();
        Cluster.History.Clear();
        await InStraitsAsync(WeakenedCluster.Whole, publishInStraits);
        Assert.False(IsFound(WeakenedCluster.Whole), "An edge that goes by all rules was found to break the promise.");
    }

    private async Task InStraitsAsync(int edge, Func<string, Task> publishInStraits)
    {
        await publishInStraits(Cluster.EdgePlaces[edge]);
        await Task.Delay(Watched, TimeProvider.System);
        await Cluster.HealAsync();
    }

    private async Task PublishAsync(string place)
    {
        HoldBothWays(place);
        await Publisher.ApplyAsync();
    }

    // What the edge is sent comes so late that leases hold for most of the time, while a new head is fetched only after the barrier has ended.
    private async Task PublishToSlowAsync(string place)
    {
        Slow(place, Late);
        await Publisher.ApplyAsync();
    }

    private void Slow(string place, TimeSpan late) => Cluster.Network.Between(Silo, place).Delay = late;

    private static async Task<long> HeadAsync(AdminApi admin) => (await admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("revision").GetInt64();

    private void HoldBothWays(string place)
    {
        Cluster.Network.Hold(Silo, place);
        Cluster.Network.Hold(place, Silo);
    }

    private bool IsFound(int place) => HistoryCheck.Floor(Cluster.History).Any(wrong => wrong.StartsWith($"K1: {Cluster.EdgePlaces[place]},", StringComparison.Ordinal));
}
