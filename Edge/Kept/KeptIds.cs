using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.Kept;

/// <summary>Gives tenants' ids of what providers keep. Their key is asked of a silo once, when the first of them is needed, and stays in memory.</summary>
internal sealed class KeptIds(IClusterClient cluster, EdgeStart start, TimeProvider time)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private byte[]? _key;

    /// <summary>Those of a tenant.</summary>
    /// <exception cref="TimeoutException">The key is not known yet, and no silo told it in time. The call's own failure passes through.</exception>
    public async ValueTask<TenantIds> OfAsync(string tenant, CancellationToken cancellation)
    {
        var key = Volatile.Read(ref _key);
        if (key is null)
        {
            var told = await cluster.GetGrain<IEdgeSecretsGrain>(start.Workspace).KeptIdKeyAsync().WaitAsync(Bound, time, cancellation);
            key = Convert.FromBase64String(told.Value);
            Volatile.Write(ref _key, key);
        }

        return new TenantIds(key, tenant);
    }
}
