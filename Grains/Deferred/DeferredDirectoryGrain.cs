using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Deferred;

namespace Sluice.Grains.Deferred;

/// <summary>What is stored of the tenants that have works which have not ended.</summary>
internal sealed record StoredDeferring(ImmutableArray<string> Tenants)
{
    public StoredDeferring()
        : this([])
    {
    }
}

/// <summary>The tenants of a workspace that have works which have not ended. It calls no other grain, so that they may wait for it.</summary>
[GrainType("deferred-directory")]
internal sealed class DeferredDirectoryGrain : Grain, IDeferredDirectoryGrain
{
    private readonly Durable<StoredDeferring> _stored;

    public DeferredDirectoryGrain([PersistentState("deferring")] IPersistentState<StoredDeferring> stored) => _stored = new(this, stored);

    public Task<ImmutableArray<string>> ListAsync() => Task.FromResult(_stored.Value.Tenants);

    public Task AddAsync(string tenant) => Has(tenant) ? Task.CompletedTask : _stored.WriteAsync(new StoredDeferring(_stored.Value.Tenants.Add(tenant)));

    public Task RemoveAsync(string tenant) => Has(tenant) ? _stored.WriteAsync(new StoredDeferring(_stored.Value.Tenants.Remove(tenant, StringComparer.Ordinal))) : Task.CompletedTask;

    private bool Has(string tenant) => _stored.Value.Tenants.Contains(tenant, StringComparer.Ordinal);
}
