using Microsoft.Extensions.DependencyInjection;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Tenants;

namespace Sluice.Tests.Cluster.Tenants;

/// <summary>Rights that are taken on one side of a torn cluster, where the other side's activations still run.</summary>
public sealed class TornTenantTests : IAsyncLifetime
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();
    private readonly ClusterFixture _cluster = new();
    private ClusterFixture _other = null!;
    private IssuedKey _key = null!;

    [Fact]
    public async Task A_key_that_was_revoked_there_is_refused_here()
    {
        Assert.True(await Tenant(_other).RevokeKeyAsync(_key.Record.Id, Author.System));

        Assert.Null(await IdentifyAsync());
    }

    [Fact]
    public async Task A_key_that_was_replaced_there_without_an_overlap_is_refused_here()
    {
        Assert.NotNull(await Tenant(_other).RotateKeyAsync(_key.Record.Id, TimeSpan.Zero, Author.System));

        Assert.Null(await IdentifyAsync());
    }

    [Fact]
    public async Task A_tenant_that_was_suspended_there_is_refused_here_and_taken_again_when_it_was_resumed()
    {
        Assert.True(await Tenant(_other).SetSuspendedAsync(suspended: true, Author.System));
        Assert.Null(await IdentifyAsync());

        Assert.True(await Tenant(_other).SetSuspendedAsync(suspended: false, Author.System));
        Assert.NotNull(await IdentifyAsync());
    }

    [Fact]
    public async Task A_subscription_that_was_withdrawn_there_is_over_here()
    {
        var outcome = await _cluster.Client.GetGrain<ICatalogGrain>(_workspace).PublishAsync(new PublishRequest(
            [
                """{"kind":"Provider","name":"p","dialect":"openai","address":"http://127.0.0.1:1"}"""u8.ToArray(),
                """{"kind":"Model","name":"m","targets":[{"provider":"p","model":"x"}]}"""u8.ToArray(),
                """{"kind":"Product","name":"trial","models":["m"],"access":"subscription","approval":"automatic"}"""u8.ToArray(),
            ],
            [],
            Prune: false,
            IfMatch: null,
            DryRun: false,
            Author.System,
            "test"));
        Assert.IsType<PublishOutcome.Published>(outcome);
        await Subscriptions(_cluster).RequestAsync("trial", null, Author.System);
        Assert.Equal([new ProductStanding("trial", SubscriptionState.Approved)], (await IdentifyAsync())!.Products);

        Assert.Equal(SubscriptionRefusal.None, (await Subscriptions(_other).DecideAsync("trial", SubscriptionDecision.Withdraw, null, Author.System)).Refusal);

        Assert.Equal([new ProductStanding("trial", SubscriptionState.Withdrawn)], (await IdentifyAsync())!.Products);
    }

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        _other = await _cluster.StartTornOffAsync();
        Assert.True(await Tenant(_cluster).CreateAsync(null, Author.System));
        _key = (await Tenant(_cluster).CreateKeyAsync(new KeySpec(null, null, null, []), Author.System))!;
        Assert.NotNull(await IdentifyAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private ITenantGrain Tenant(ClusterFixture side) => side.Client.GetGrain<ITenantGrain>(GrainKeys.Join(_workspace, "acme"));

    private ISubscriptionsGrain Subscriptions(ClusterFixture side) => side.Client.GetGrain<ISubscriptionsGrain>(GrainKeys.Join(_workspace, "acme"));

    private async Task<KeyIdentity?> IdentifyAsync()
    {
        var pepper = (await _cluster.Silo.GetRequiredService<PepperSource>().GetAsync())[0];
        var hash = KeyFormat.Hash(pepper.Version, pepper.Value, _key.Secret);
        return await _cluster.Client.GetGrain<IKeyGrain>(GrainKeys.Join(_workspace, hash)).IdentifyAsync();
    }
}
