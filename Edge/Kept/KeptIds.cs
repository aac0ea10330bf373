using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.Kept;

/// <summary>Gives tenants' ids of what providers keep. Their key is asked of a silo once, when the first of them is needed, and stays in memory.</summary>
internal sealed class KeptIds(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<KeptIds> log)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly byte[] _passing = RandomNumberGenerator.GetBytes(32);
    private byte[]? _key;
    private long _failedAt;

    /// <summary>Those of a tenant.</summary>
    /// <exception cref="TimeoutException">The key is not known yet, and no silo told it in time. The call's own failure passes through.</exception>
    public async ValueTask<TenantIds> OfAsync(string tenant, CancellationToken cancellation)
    {
        var key = Volatile.Read(ref _key);
        if (key is null)
        {
            key = await AskAsync(cancellation);
            Volatile.Write(ref _key, key);
        }

        return new TenantIds(key, tenant);
    }

    /// <summary>Ids that open nowhere, where those that do cannot be had.</summary>
    public TenantIds Passing(string tenant) => new(_passing, tenant);

    private async Task<byte[]> AskAsync(CancellationToken cancellation)
    {
        // Once it could not be had, one request in a while asks for all: those that can do without do not wait for it each in its turn.
        var failed = Volatile.Read(ref _failedAt);
        if (failed != 0 && (time.GetElapsedTime(failed) < Pause || Interlocked.CompareExchange(ref _failedAt, time.GetTimestamp(), failed) != failed))
        {
            throw new TimeoutException("A moment ago no silo told it.");
        }

        try
        {
            return Convert.FromBase64String((await cluster.GetGrain<IEdgeSecretsGrain>(start.Workspace).KeptIdKeyAsync().WaitAsync(Bound, time, cancellation)).Value);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            log.LogWarning("The key of the ids of what providers keep could not be had: {Reason}", e.Message);
            throw;
        }
    }
}
