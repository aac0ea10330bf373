using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Grains.Tenants;

/// <summary>What is stored of the directory.</summary>
internal sealed record StoredDirectory(ImmutableSortedSet<string> Names)
{
    public StoredDirectory()
        : this(ImmutableSortedSet.Create<string>(StringComparer.Ordinal))
    {
    }
}

/// <summary>The tenants of a workspace by name.</summary>
[GrainType("tenant-directory")]
internal sealed class TenantDirectoryGrain : Grain, ITenantDirectoryGrain
{
    private readonly Durable<StoredDirectory> _directory;

    public TenantDirectoryGrain([PersistentState("tenants")] IPersistentState<StoredDirectory> directory) => _directory = new(this, directory);

    public async Task AddAsync(string tenant)
    {
        if (!_directory.Value.Names.Contains(tenant))
        {
            // Read back from storage, the set has the default order: it is put into ours each time.
            await _directory.WriteAsync(new StoredDirectory(_directory.Value.Names.WithComparer(StringComparer.Ordinal).Add(tenant)));
        }
    }

    public Task<ImmutableArray<string>> ListAsync(string? after, int limit) => Task.FromResult<ImmutableArray<string>>(
        [.. _directory.Value.Names.WithComparer(StringComparer.Ordinal).Where(n => string.CompareOrdinal(n, after) > 0).Take(Math.Clamp(limit, 1, 1000))]);
}
