using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Cluster.Edge;

/// <summary>Approvals and withdrawals of subscriptions, as edges see them.</summary>
public sealed class SubscriptionTests(ClusterFixture cluster) : IAsyncLifetime
{
    private static readonly Author Ada = new("ada", "api", "");
    private readonly Workspace _workspace = new(cluster.Client);
    private IssuedKey _key = null!;

    private ISubscriptionsGrain Subscriptions => cluster.Client.GetGrain<ISubscriptionsGrain>(GrainKeys.Join(_workspace.Name, "acme"));

    [Fact]
    public async Task What_arrives_after_an_approval_or_withdrawal_has_returned_meets_it_on_every_edge()
    {
        var edges = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunningEdge.StartAsync(cluster.Client, _workspace.Name)));
        using var stop = new CancellationTokenSource();
        var seen = new ConcurrentQueue<(long Arrival, long Answer, bool May)>();
        var asking = edges.Select(edge => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var arrival = Stopwatch.GetTimestamp();
                var may = await MayAsync(edge);
                seen.Enqueue((arrival, Stopwatch.GetTimestamp(), may));
            }
        })).ToArray();

        var changes = new List<(long Start, long Return, bool May)>();
        await Subscriptions.RequestAsync("premium", null, Ada);
        for (var i = 0; i < 8; i++)
        {
            await DecideAsync(SubscriptionDecision.Approve);
            await DecideAsync(SubscriptionDecision.Withdraw);
            await Subscriptions.RequestAsync("premium", null, Ada);
        }

        await stop.CancelAsync();
        await Task.WhenAll(asking);

        // Between a change's return and the next one's start there is one right answer.
        var judged = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        foreach (var (arrival, answer, may) in seen)
        {
            for (var i = 0; i < changes.Count; i++)
            {
                if (arrival > changes[i].Return && (i == changes.Count - 1 || answer < changes[i + 1].Start))
                {
                    Assert.Equal(changes[i].May, may);
                    judged[may]++;
                }
            }
        }

        Assert.True(judged[true] > 0 && judged[false] > 0, $"{judged[true]} allowed, {judged[false]} refused, of {seen.Count}");
        foreach (var edge in edges)
        {
            await edge.DisposeAsync();
        }

        async Task DecideAsync(SubscriptionDecision decision)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.Equal(SubscriptionRefusal.None, (await Subscriptions.DecideAsync("premium", decision, null, Ada)).Refusal);
            changes.Add((start, Stopwatch.GetTimestamp(), decision is SubscriptionDecision.Approve));
            var before = seen.Count;
            await Eventually.HoldsAsync(() => seen.Count > before + 30);
        }
    }

    [Fact]
    public async Task A_subscription_says_who_did_what_and_why()
    {
        await Subscriptions.RequestAsync("premium", "for the shop", Ada);
        await Subscriptions.DecideAsync("premium", SubscriptionDecision.Reject, "no contract", new Author("bob", "cli", "10.0.0.2"));

        var subscription = Assert.Single(await Subscriptions.ListAsync());

        Assert.Equal(SubscriptionState.Rejected, subscription.State);
        Assert.Equal([("ada", "for the shop"), ("bob", "no contract")], subscription.Steps.Select(s => (s.By.Name, s.Note ?? "")));
    }

    [Fact]
    public async Task Only_what_waits_for_a_decision_is_listed_as_open()
    {
        var directory = cluster.Client.GetGrain<ISubscriptionDirectoryGrain>(_workspace.Name);
        await Subscriptions.RequestAsync("premium", null, Ada);
        await Subscriptions.RequestAsync("trial", null, Ada);
        Assert.Equal(["acme~premium"], await directory.ListAsync(null, 10, onlyOpen: true, null));

        await Subscriptions.DecideAsync("premium", SubscriptionDecision.Reject, null, Ada);

        Assert.Empty(await directory.ListAsync(null, 10, onlyOpen: true, null));
        Assert.Equal(["acme~premium", "acme~trial"], await directory.ListAsync(null, 10, onlyOpen: false, null));
        Assert.Equal(["acme~trial"], await directory.ListAsync(null, 10, onlyOpen: false, "trial"));
        Assert.Equal(["acme~trial"], await directory.ListAsync("acme~premium", 10, onlyOpen: false, null));
    }

    public async ValueTask InitializeAsync()
    {
        await _workspace.PublishAsync(
            """{"kind":"Provider","name":"p","dialect":"openai","address":"http://127.0.0.1:1"}""",
            """{"kind":"Model","name":"m","targets":[{"provider":"p","model":"x"}]}""",
            """{"kind":"Product","name":"premium","models":["m"],"access":"subscription"}""",
            """{"kind":"Product","name":"trial","models":["m"],"access":"subscription","approval":"automatic"}""");
        _key = await _workspace.CreateTenantAsync("acme");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<bool> MayAsync(RunningEdge edge) =>
        Offer.Holds((await edge.IdentifyAsync(_key.Secret))?.Identity.Products ?? ImmutableArray<ProductStanding>.Empty, "premium");
}
