using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Edge.Identity;

/// <summary>Asks the grains of keys whom a key stands for, within a bound. A question to a silo that ends or was lost is not answered; asked again, it reaches another one.</summary>
internal sealed class KeyGrains(IClusterClient cluster, string workspace, TimeProvider time, ILogger log)
{
    /// <summary>Begins, in a hash's place, the name of a tenant that is asked for itself.</summary>
    public const string TenantPrefix = "tenant:";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TryBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TryPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whom one of the hashes stands for, or null.</summary>
    /// <param name="hashes">The key under each pepper; or a tenant's name behind <see cref="TenantPrefix"/>.</param>
    /// <param name="asked">When the first try began, from which on five seconds are the bound.</param>
    /// <exception cref="TimeoutException">No silo told in time. The last try's own failure passes through.</exception>
    public async Task<KeyIdentity?> FindAsync(string[] hashes, long asked)
    {
        while (true)
        {
            var rest = Bound - time.GetElapsedTime(asked);
            try
            {
                return await FindAsync(hashes).WaitAsync(TimeSpan.FromTicks(Math.Clamp(rest.Ticks, 0, TryBound.Ticks)), time);
            }
            catch (Exception failure) when (rest > TryBound)
            {
                log.LogDebug("A key is asked for again: {Reason}", failure.Message);
            }

            await Task.Delay(TryPause, time);
        }
    }

    private async Task<KeyIdentity?> FindAsync(string[] hashes)
    {
        foreach (var hash in hashes)
        {
            var asked = hash.StartsWith(TenantPrefix, StringComparison.Ordinal)
                ? cluster.GetGrain<IEdgeTenantGrain>(GrainKeys.Join(workspace, hash[TenantPrefix.Length..])).IdentifyAsync()
                : cluster.GetGrain<IEdgeKeyGrain>(GrainKeys.Join(workspace, hash)).IdentifyAsync();
            if (await asked is { } identity)
            {
                return identity;
            }
        }

        return null;
    }
}
