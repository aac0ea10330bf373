using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>The tenants of a day, as stored.</summary>
internal sealed record StoredTenants(ImmutableSortedSet<string> Names)
{
    public StoredTenants()
        : this(ImmutableSortedSet.Create<string>(StringComparer.Ordinal))
    {
    }
}

/// <summary>The tenants of a day. Those that come while a write is under way go with the next one, all at once.</summary>
[Reentrant, GrainType("usage-day")]
internal sealed class UsageDayGrain : Grain, IUsageDayGrain
{
    private readonly Durable<StoredTenants> _tenants;
    private readonly IPersistentState<StoredTenants> _stored;
    private HashSet<string> _wanted = new(StringComparer.Ordinal);
    private Task? _writing;

    public UsageDayGrain([PersistentState("usage-day")] IPersistentState<StoredTenants> tenants) => (_tenants, _stored) = (new(this, tenants), tenants);

    public Task<ImmutableArray<string>> ListAsync(string? after, int limit) => Task.FromResult<ImmutableArray<string>>(
        [.. _tenants.Value.Names.Where(name => after is null || string.CompareOrdinal(name, after) > 0).Order(StringComparer.Ordinal).Take(limit)]);

    public async Task AddAsync(string tenant)
    {
        while (!_tenants.Value.Names.Contains(tenant))
        {
            _wanted.Add(tenant);
            await (_writing ??= WriteAsync());
        }
    }

    public async Task ClearAsync()
    {
        await (_writing ?? Task.CompletedTask);
        await _stored.ClearStateAsync();
    }

    private async Task WriteAsync()
    {
        // Off the caller's turn, so that the field is set before this ends.
        await Task.Yield();
        var names = _wanted;
        _wanted = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            await _tenants.WriteAsync(new StoredTenants(_tenants.Value.Names.Union(names)));
        }
        finally
        {
            _writing = null;
        }
    }
}
