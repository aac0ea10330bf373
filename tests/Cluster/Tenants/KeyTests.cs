using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Cluster.Tenants;

public sealed class KeyTests(ClusterFixture cluster)
{
    private readonly TenantKeys _keys = new(cluster);

    [Fact]
    public async Task A_key_stands_for_its_tenant_and_user_and_is_listed_without_its_secret_newest_first()
    {
        var first = await _keys.CreateAsync("acme", user: "ada@example.org");
        var second = await _keys.CreateAsync("acme");

        var identity = await _keys.IdentifyAsync(first.Secret);

        Assert.Equal(("acme", first.Record.Id, "ada@example.org"), (identity!.Tenant, identity.KeyId, identity.User));
        Assert.Equal([second.Record.Id, first.Record.Id], (await _keys.Tenant("acme").GetKeysAsync()).Select(k => k.Id));
        Assert.True(KeyFormat.IsWellFormed(first.Secret, KeyFormat.ClientPrefix));
        Assert.Equal(first.Record.Last4, KeyFormat.Last4(first.Secret));
        Assert.DoesNotContain(first.Secret, $"{first} {first.Record}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a|b")]
    [InlineData("acme/ada")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("ada lovelace")]
    public async Task A_user_that_no_subject_can_name_is_refused(string user)
    {
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() => _keys.CreateAsync("acme", user));

        Assert.StartsWith($"user: must be 1 to 128 of A-Z a-z 0-9 . _ @ + = : ~ -, beginning with a letter or digit; is '{user}'.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await _keys.Tenant("acme").GetKeysAsync());
    }

    [Fact]
    public async Task A_revoked_key_is_refused_for_ever_and_revoking_it_twice_is_no_error()
    {
        var key = await _keys.CreateAsync("acme");

        Assert.True(await _keys.Tenant("acme").RevokeKeyAsync(key.Record.Id, Author.System));
        Assert.True(await _keys.Tenant("acme").RevokeKeyAsync(key.Record.Id, Author.System));

        Assert.Null(await _keys.IdentifyAsync(key.Secret));
        Assert.NotNull(Assert.Single(await _keys.Tenant("acme").GetKeysAsync()).RevokedAt);
        Assert.Null(await _keys.Tenant("acme").RotateKeyAsync(key.Record.Id, TimeSpan.Zero, Author.System));
    }

    [Fact]
    public async Task A_key_of_another_tenant_is_as_if_there_were_none()
    {
        var key = await _keys.CreateAsync("acme");
        await _keys.CreateAsync("other");

        Assert.False(await _keys.Tenant("other").RevokeKeyAsync(key.Record.Id, Author.System));
        Assert.Null(await _keys.Tenant("other").RotateKeyAsync(key.Record.Id, TimeSpan.FromHours(1), Author.System));
        Assert.False(await _keys.Tenant("other").HoldsAsync(key.Record.Id));

        Assert.Equal("acme", (await _keys.IdentifyAsync(key.Secret))!.Tenant);
    }

    [Fact]
    public async Task A_key_that_was_never_made_is_unknown() =>
        Assert.Null(await _keys.IdentifyAsync(KeyFormat.Create(KeyFormat.ClientPrefix)));

    [Fact]
    public async Task A_key_of_a_suspended_tenant_is_refused_until_the_tenant_is_resumed()
    {
        var key = await _keys.CreateAsync("acme");
        await _keys.Tenant("acme").SetSuspendedAsync(suspended: true, Author.System);
        Assert.Null(await _keys.IdentifyAsync(key.Secret));

        await _keys.Tenant("acme").SetSuspendedAsync(suspended: false, Author.System);

        Assert.NotNull(await _keys.IdentifyAsync(key.Secret));
    }
}
