using Microsoft.Extensions.Options;

namespace Sluice.Grains.Sealing;

/// <summary>Gives the cluster's keyring: stored wrapped, unwrapped in this process with the root key, and kept in memory.</summary>
public sealed class KeyringSource(IGrainFactory grains, IOptions<SealingOptions> options)
{
    private readonly Lock _gate = new();
    private Task<Keyring>? _keyring;

    /// <summary>The keyring; made at the first call of a new cluster.</summary>
    public Task<Keyring> GetAsync()
    {
        lock (_gate)
        {
            return _keyring is null or { IsFaulted: true } or { IsCanceled: true } ? _keyring = LoadAsync() : _keyring;
        }
    }

    private async Task<Keyring> LoadAsync()
    {
        var rootKey = RootKey.Load(options.Value);
        var record = grains.GetGrain<IClusterRecordGrain>("keyring");
        var wrapped = await record.GetAsync() ?? await record.AddAsync(Keyring.CreateWrapped(rootKey));
        return Keyring.Unwrap(rootKey, wrapped);
    }
}
