using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Cluster.Edge;

/// <summary>A workspace as an operator works on it.</summary>
internal sealed class Workspace(IClusterClient cluster)
{
    private static readonly Author Operator = new("test", "api", "");

    public string Name { get; } = ClusterFixture.NewWorkspace();

    public IFleetGrain Fleet => cluster.GetGrain<IFleetGrain>(Name);

    /// <summary>Publishes resources and answers the revision's number.</summary>
    public async Task<long> PublishAsync(params string[] resources)
    {
        var outcome = await cluster.GetGrain<ICatalogGrain>(Name).PublishAsync(new PublishRequest(
            [.. resources.Select(Encoding.UTF8.GetBytes)], [], Prune: false, IfMatch: null, DryRun: false, Operator, "test"));
        Assert.False(outcome is PublishOutcome.Invalid, string.Join(' ', (outcome as PublishOutcome.Invalid)?.Errors ?? []));
        return Assert.IsType<PublishOutcome.Published>(outcome).Head.Revision;
    }

    public ITenantGrain Tenant(string name) => cluster.GetGrain<ITenantGrain>(GrainKeys.Join(Name, name));

    public IBudgetGrain Budget(string budget, string subject) => cluster.GetGrain<IBudgetGrain>(GrainKeys.Join(Name, budget, subject));

    /// <summary>Makes a tenant with one key.</summary>
    public async Task<IssuedKey> CreateTenantAsync(string name)
    {
        Assert.True(await Tenant(name).CreateAsync(null, Operator));
        return (await Tenant(name).CreateKeyAsync(new KeySpec(null, null, null, []), Operator))!;
    }

    public Task RevokeAsync(string tenant, IssuedKey key) => Tenant(tenant).RevokeKeyAsync(key.Record.Id, Operator);

    public Task SuspendAsync(string tenant, bool suspended) => Tenant(tenant).SetSuspendedAsync(suspended, Operator);
}
