using Sluice.Grains.Interfaces.Fleet;

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
