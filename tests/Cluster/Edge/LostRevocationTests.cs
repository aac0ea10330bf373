using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Cluster.Edge;

/// <summary>Rights that were taken away by a call which failed after it had stored that, and by the next call, which returned.</summary>
public sealed class LostRevocationTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();
    private Workspace _workspace = null!;

    [Fact]
    public async Task A_key_whose_revocation_was_stored_but_not_told_is_refused_once_the_next_call_returned()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await using var edge = await RunningEdge.StartAsync(_cluster.Client, _workspace.Name);
        Assert.NotNull(await edge.IdentifyAsync(key.Secret));
        LoseNextChange();
        await Assert.ThrowsAsync<TimeoutException>(() => _workspace.RevokeAsync("acme", key));

        await _workspace.RevokeAsync("acme", key);

        Assert.Null(await edge.IdentifyAsync(key.Secret));
    }

    [Fact]
    public async Task A_tenant_whose_suspension_was_stored_but_not_told_is_refused_once_the_next_call_returned()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await using var edge = await RunningEdge.StartAsync(_cluster.Client, _workspace.Name);
        Assert.NotNull(await edge.IdentifyAsync(key.Secret));
        LoseNextChange();
        await Assert.ThrowsAsync<TimeoutException>(() => _workspace.SuspendAsync("acme", suspended: true));

        await _workspace.SuspendAsync("acme", suspended: true);

        Assert.Null(await edge.IdentifyAsync(key.Secret));
    }

    [Fact]
    public async Task A_subscription_whose_withdrawal_was_stored_but_not_told_is_over_once_the_next_call_returned()
    {
        var author = new Author("test", "api", "");
        await _workspace.PublishAsync(
            """{"kind":"Provider","name":"p","dialect":"openai","address":"http://127.0.0.1:1"}""",
            """{"kind":"Model","name":"m","targets":[{"provider":"p","model":"x"}]}""",
            """{"kind":"Product","name":"trial","models":["m"],"access":"subscription","approval":"automatic"}""");
        var key = await _workspace.CreateTenantAsync("acme");
        var subscriptions = _cluster.Client.GetGrain<ISubscriptionsGrain>(GrainKeys.Join(_workspace.Name, "acme"));
        await using var edge = await RunningEdge.StartAsync(_cluster.Client, _workspace.Name);
        await subscriptions.RequestAsync("trial", null, author);
        Assert.Equal(SubscriptionState.Approved, await StateAsync());
        LoseNextChange();
        await Assert.ThrowsAsync<TimeoutException>(() => subscriptions.DecideAsync("trial", SubscriptionDecision.Withdraw, null, author));

        await subscriptions.DecideAsync("trial", SubscriptionDecision.Withdraw, null, author);

        Assert.Equal(SubscriptionState.Withdrawn, await StateAsync());

        async Task<SubscriptionState?> StateAsync() => (await edge.IdentifyAsync(key.Secret))?.Identity.Products.Single().State;
    }

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        _workspace = new Workspace(_cluster.Client);
        await _workspace.PublishAsync("""{"kind":"Upstream","name":"there","addresses":["http://127.0.0.1:1"]}""");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private void LoseNextChange()
    {
        var left = 1;
        _cluster.OnCall = call =>
            string.Equals(call.InterfaceMethod.Name, nameof(IChangeLogGrain.AppendAsync), StringComparison.Ordinal) && Interlocked.Decrement(ref left) >= 0
                ? throw new TimeoutException("The change log did not answer.")
                : call.Invoke();
    }
}
