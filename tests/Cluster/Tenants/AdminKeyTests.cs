using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Cluster.Tenants;

public sealed class AdminKeyTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();

    private IAdminKeysGrain Keys => _cluster.Client.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key);

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_first_key_is_made_once_even_after_a_kill()
    {
        var first = await Keys.BootstrapAsync();
        Assert.Equal(("bootstrap", AdminRole.Admin), (first!.Key.Name, first.Key.Role));
        Assert.Null(await Keys.BootstrapAsync());

        await _cluster.RestartAsync(kill: true);

        Assert.Null(await Keys.BootstrapAsync());
        Assert.Equal(first.Key, await Keys.IdentifyAsync(first.Secret));
    }

    [Fact]
    public async Task A_key_is_identified_with_its_role_until_it_is_revoked()
    {
        await Keys.BootstrapAsync();
        var viewer = await Keys.CreateAsync("dashboards", AdminRole.Viewer, Author.System);
        var operators = await Keys.CreateAsync("deploys", AdminRole.Operator, Author.System);

        Assert.Equal(AdminRole.Viewer, (await Keys.IdentifyAsync(viewer.Secret))!.Role);
        Assert.Equal(AdminRole.Operator, (await Keys.IdentifyAsync(operators.Secret))!.Role);
        Assert.True(await Keys.RevokeAsync(viewer.Key.Id, Author.System));

        Assert.Null(await Keys.IdentifyAsync(viewer.Secret));
        Assert.Equal(["bootstrap", "deploys"], (await Keys.ListAsync()).Select(k => k.Name));
    }

    [Fact]
    public async Task The_last_key_of_role_admin_cannot_be_revoked()
    {
        var first = await Keys.BootstrapAsync();
        await Keys.CreateAsync("deploys", AdminRole.Operator, Author.System);
        Assert.False(await Keys.RevokeAsync(first!.Key.Id, Author.System));

        await Keys.CreateAsync("second", AdminRole.Admin, Author.System);

        Assert.True(await Keys.RevokeAsync(first.Key.Id, Author.System));
    }

    [Fact]
    public async Task A_clients_key_opens_nothing_here()
    {
        var client = await new TenantKeys(_cluster).CreateAsync("acme");

        Assert.Null(await Keys.IdentifyAsync(client.Secret));
        Assert.Null(await Keys.IdentifyAsync(""));
    }
}
