using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Cluster.Tenants;

public sealed class TenantTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    [Fact]
    public async Task A_tenant_is_made_once_and_keeps_what_it_was_made_with()
    {
        var tenant = Tenant("acme");
        Assert.Null(await tenant.GetAsync());

        Assert.True(await tenant.CreateAsync("Acme Ltd", Author.System));
        Assert.False(await tenant.CreateAsync("Another", Author.System));

        Assert.Equal(("acme", "Acme Ltd", false), await tenant.GetAsync() is { } made ? (made.Name, made.DisplayName, made.Suspended) : default);
    }

    [Fact]
    public async Task Tenants_are_listed_by_name_page_by_page()
    {
        string[] names = ["b", "a-1", "a.2", "a", "c"];
        await Task.WhenAll(names.Select(name => Tenant(name).CreateAsync(null, Author.System)));
        var directory = cluster.Client.GetGrain<ITenantDirectoryGrain>(_workspace);

        var first = await directory.ListAsync(after: null, limit: 3);
        var second = await directory.ListAsync(first[^1], limit: 3);

        Assert.Equal(["a", "a-1", "a.2"], first);
        Assert.Equal(["b", "c"], second);
    }

    [Theory]
    [InlineData("Acme")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("_public")]
    public async Task A_name_that_cannot_stand_in_a_subject_is_refused_and_not_listed(string name)
    {
        var refusal = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => Tenant(name).CreateAsync(null, Author.System));

        Assert.Contains("the name being 1 to 63 of a-z 0-9 . _ -", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await cluster.Client.GetGrain<ITenantDirectoryGrain>(_workspace).ListAsync(after: null, limit: 10));
    }

    [Fact]
    public async Task A_tenant_that_was_never_made_has_no_keys_and_makes_none()
    {
        var tenant = Tenant("nobody");

        Assert.Null(await tenant.CreateKeyAsync(new KeySpec(null, null, null, []), Author.System));
        Assert.Empty(await tenant.GetKeysAsync());
        Assert.False(await tenant.SetSuspendedAsync(suspended: true, Author.System));
    }

    private ITenantGrain Tenant(string name) => cluster.Client.GetGrain<ITenantGrain>(GrainKeys.Join(_workspace, name));
}
