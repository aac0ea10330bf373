using System.Collections.Immutable;
using System.Security.Cryptography;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Sealing;

namespace Sluice.Grains.Tenants;

/// <summary>Gives the peppers under which keys are stored: sealed at rest, in memory while the silo runs.</summary>
public sealed class PepperSource(IGrainFactory grains, KeyringSource keyrings)
{
    private const int Version = 1;
    private static readonly SealContext Context = new("", "Pepper", "keys", Version);
    private readonly Lock _gate = new();
    private Task<ImmutableArray<Pepper>>? _peppers;

    /// <summary>The peppers, newest first; the first one is made at the first call of a new cluster.</summary>
    public Task<ImmutableArray<Pepper>> GetAsync()
    {
        lock (_gate)
        {
            return _peppers is null or { IsFaulted: true } or { IsCanceled: true } ? _peppers = LoadAsync() : _peppers;
        }
    }

    private async Task<ImmutableArray<Pepper>> LoadAsync()
    {
        var keyring = await keyrings.GetAsync();
        var record = grains.GetGrain<IClusterRecordGrain>("pepper");
        var stored = await record.GetAsync() ?? await record.AddAsync(keyring.Seal(Context, RandomNumberGenerator.GetBytes(32)));
        return [new Pepper(Version, keyring.Open(Context, stored))];
    }
}
