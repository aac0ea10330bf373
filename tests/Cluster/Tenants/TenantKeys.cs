using Microsoft.Extensions.DependencyInjection;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Tenants;

namespace Sluice.Tests.Cluster.Tenants;

/// <summary>The keys of tenants in a workspace of their own, made and identified as the admin API and edges do.</summary>
internal sealed class TenantKeys(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    public ITenantGrain Tenant(string name) => cluster.Client.GetGrain<ITenantGrain>(GrainKeys.Join(_workspace, name));

    /// <summary>Makes a key, and its tenant where there is none.</summary>
    public async Task<IssuedKey> CreateAsync(string tenant, string? user = null, DateTimeOffset? expiresAt = null)
    {
        await Tenant(tenant).CreateAsync(null, Author.System);
        return (await Tenant(tenant).CreateKeyAsync(new KeySpec("test", user, expiresAt, []), Author.System))!;
    }

    /// <summary>The hash under which a key is stored.</summary>
    public async Task<string> HashAsync(string secret)
    {
        var pepper = (await cluster.Silo.GetRequiredService<PepperSource>().GetAsync())[0];
        return KeyFormat.Hash(pepper.Version, pepper.Value, secret);
    }

    /// <summary>Whom a key stands for.</summary>
    public async Task<KeyIdentity?> IdentifyAsync(string secret) =>
        await cluster.Client.GetGrain<IKeyGrain>(GrainKeys.Join(_workspace, await HashAsync(secret))).IdentifyAsync();
}
