using System.Security.Cryptography;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Kept;

/// <summary>Gives tenants' ids of what providers keep, under the key that all edges share.</summary>
internal sealed class KeptIds(WorkspaceKey shared)
{
    private readonly byte[] _passing = RandomNumberGenerator.GetBytes(32);

    /// <summary>Those of a tenant.</summary>
    /// <exception cref="TimeoutException">The key is not known yet, and no silo told it in time. The call's own failure passes through.</exception>
    public async ValueTask<TenantIds> OfAsync(string tenant, CancellationToken cancellation) => new(await shared.GetAsync(cancellation), tenant);

    /// <summary>Ids that open nowhere, where those that do cannot be had.</summary>
    public TenantIds Passing(string tenant) => new(_passing, tenant);
}
