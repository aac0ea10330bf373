using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Grains.Tenants;

/// <summary>What is stored of a key.</summary>
internal sealed record StoredKey(KeyBinding? Binding)
{
    public StoredKey()
        : this(Binding: null)
    {
    }
}

/// <summary>
/// One client key. Its tenant has the last word: a key that the tenant does not hold is refused, whatever is stored here. It answers from a read that began after
/// it was asked, as its tenant does, so that an answer is right whatever other activations are at work.
/// </summary>
[GrainType("key"), CollectionAgeLimit(Minutes = IdleMinutes)]
internal sealed class KeyGrain : Grain, IKeyGrain
{
    // It reads storage at each question, so nothing is gained by keeping it.
    private const int IdleMinutes = 2;

    private readonly Durable<StoredKey> _key;
    private readonly TimeProvider _time;

    public KeyGrain([PersistentState("key")] IPersistentState<StoredKey> key, TimeProvider time) => (_key, _time) = (new(this, key), time);

    public async Task<KeyIdentity?> IdentifyAsync()
    {
        if ((await _key.ReadAsync()).Binding is not { } binding)
        {
            // Nothing is kept in memory for keys that were guessed.
            DeactivateOnIdle();
            return null;
        }

        var (tenant, record, organisation) = binding;
        if (record.RevokedAt is not null || record.Spec.ExpiresAt <= _time.GetUtcNow())
        {
            return null;
        }

        var (workspace, hash) = (GrainKeys.Split(this.GetPrimaryKeyString())[0], GrainKeys.Split(this.GetPrimaryKeyString())[1]);
        var holder = GrainFactory.GetGrain<ITenantGrain>(GrainKeys.Join(workspace, tenant));
        if (!await holder.HoldsAsync(record.Id))
        {
            return null;
        }

        var (products, isEnding) = await GrainFactory.GetGrain<ISubscriptionsGrain>(GrainKeys.Join(workspace, tenant)).StandingsAsync();
        return new KeyIdentity(
            tenant, record.Id, record.Spec.User, record.Spec.ExpiresAt, record.Spec.Models, hash, isEnding || await holder.IsEndingAsync(record.Id), record.Spec.Team, organisation, products)
        {
            Scopes = record.Spec.Scopes,
            Addresses = record.Spec.Addresses,
        };
    }

    public Task PutAsync(KeyBinding binding) => _key.WriteAsync(new StoredKey(binding));
}
