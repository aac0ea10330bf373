using Sluice.Grains.Interfaces;

namespace Sluice.Tests.Cluster.Tenants;

/// <summary>What becomes of keys as time goes by.</summary>
public sealed class KeyTimeTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_key_ends_at_its_time()
    {
        var keys = new TenantKeys(_cluster);
        var key = await keys.CreateAsync("acme", expiresAt: _cluster.Time.GetUtcNow().AddHours(1));
        Assert.NotNull(await keys.IdentifyAsync(key.Secret));

        _cluster.Time.Advance(TimeSpan.FromHours(1));

        Assert.Null(await keys.IdentifyAsync(key.Secret));
        Assert.Null(await keys.Tenant("acme").RotateKeyAsync(key.Record.Id, TimeSpan.Zero, Author.System));
    }

    [Fact]
    public async Task A_rotated_key_works_beside_its_successor_until_the_overlap_is_over()
    {
        var keys = new TenantKeys(_cluster);
        var old = await keys.CreateAsync("acme", user: "ada");

        var next = await keys.Tenant("acme").RotateKeyAsync(old.Record.Id, TimeSpan.FromHours(24), Author.System);

        Assert.Equal("ada", (await keys.IdentifyAsync(next!.Secret))!.User);
        Assert.NotNull(await keys.IdentifyAsync(old.Secret));
        Assert.Null(await keys.Tenant("acme").RotateKeyAsync(old.Record.Id, TimeSpan.FromHours(24), Author.System));
        _cluster.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        Assert.NotNull(await keys.IdentifyAsync(old.Secret));
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await keys.IdentifyAsync(old.Secret));
        Assert.NotNull(await keys.IdentifyAsync(next.Secret));
    }

    [Fact]
    public async Task An_overlap_never_makes_a_key_live_longer_than_it_would_have()
    {
        var keys = new TenantKeys(_cluster);
        var ends = _cluster.Time.GetUtcNow().AddHours(1);
        var old = await keys.CreateAsync("acme", expiresAt: ends);

        await keys.Tenant("acme").RotateKeyAsync(old.Record.Id, TimeSpan.FromHours(24), Author.System);

        Assert.Equal(ends, (await keys.IdentifyAsync(old.Secret))!.ExpiresAt);
    }
}
