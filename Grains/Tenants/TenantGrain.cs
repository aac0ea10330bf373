using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;

namespace Sluice.Grains.Tenants;

/// <summary>What is stored of a tenant; keys in the order in which they were made.</summary>
internal sealed record StoredTenant(Tenant? Tenant, ImmutableArray<HeldKey> Keys)
{
    public StoredTenant()
        : this(null, [])
    {
    }
}

/// <summary>A key of a tenant, and the hash under which its grain is found.</summary>
internal sealed record HeldKey(KeyRecord Record, string Hash);

/// <summary>
/// One tenant. Order of writes: a key's grain learns of a new key before the tenant lists it, and of a revocation likewise; what refuses is stored first, and
/// a key works only when both agree.
/// </summary>
[GrainType("tenant")]
internal sealed class TenantGrain : Grain, ITenantGrain
{
    private readonly Durable<StoredTenant> _state;
    private readonly PepperSource _peppers;
    private readonly TimeProvider _time;

    public TenantGrain([PersistentState("tenant")] IPersistentState<StoredTenant> state, PepperSource peppers, TimeProvider time) =>
        (_state, _peppers, _time) = (new(this, state), peppers, time);

    private string Workspace => GrainKeys.Split(this.GetPrimaryKeyString())[0];

    private IChangeLogGrain Changes => GrainFactory.GetGrain<IChangeLogGrain>(Workspace);

    private string Name => GrainKeys.Split(this.GetPrimaryKeyString())[1];

    public async Task<bool> CreateAsync(string? displayName, Author author)
    {
        if (GrainKeys.Split(this.GetPrimaryKeyString()) is not [_, var name] || !Names.IsResource(name))
        {
            throw new InvalidOperationException($"A tenant's key is workspace|name, the name being {Names.ResourceRule}; not '{this.GetPrimaryKeyString()}'.");
        }

        if (_state.Value.Tenant is not null)
        {
            return false;
        }

        // Listed first: a tenant that is listed but not made is answered as unknown, one that is made but not listed would be lost.
        await GrainFactory.GetGrain<ITenantDirectoryGrain>(Workspace).AddAsync(Name);
        await _state.WriteAsync(new StoredTenant(new Tenant(Name, displayName, _time.GetUtcNow(), Suspended: false), []));
        await TellAsync(ChangeKind.TenantCreated, Name, author, keyHash: null);
        return true;
    }

    public Task<Tenant?> GetAsync() => Task.FromResult(_state.Value.Tenant);

    public Task<bool> HoldsAsync(string keyId) => Task.FromResult(
        _state.Value is { Tenant.Suspended: false } state && state.Keys.Any(k => string.Equals(k.Record.Id, keyId, StringComparison.Ordinal) && k.Record.RevokedAt is null));

    public async Task<bool> SetSuspendedAsync(bool suspended, Author author)
    {
        if (_state.Value.Tenant is not { } tenant)
        {
            return false;
        }

        if (tenant.Suspended != suspended)
        {
            await _state.WriteAsync(_state.Value with { Tenant = tenant with { Suspended = suspended } });
            await TakeAwayAsync(ChangeKind.TenantChanged, Name, author, keyHash: null);
        }

        return true;
    }

    public async Task<IssuedKey?> CreateKeyAsync(KeySpec spec, Author author)
    {
        // Once more than at the admin API: the user becomes a part of grain keys and subjects, for good.
        if (spec.User is { } user && !Names.IsUser(user))
        {
            throw new ArgumentException($"user: must be {Names.UserRule}; is '{user}'.", nameof(spec));
        }

        return _state.Value.Tenant is null ? null : await IssueAsync(spec, author);
    }

    public Task<ImmutableArray<KeyRecord>> GetKeysAsync() => Task.FromResult<ImmutableArray<KeyRecord>>([.. _state.Value.Keys.Select(k => k.Record).Reverse()]);

    public async Task<IssuedKey?> RotateKeyAsync(string keyId, TimeSpan overlap, Author author)
    {
        var now = _time.GetUtcNow();
        if (Find(keyId) is not { Record: { RevokedAt: null, ReplacedBy: null } record } || record.Spec.ExpiresAt <= now)
        {
            return null;
        }

        var issued = await IssueAsync(record.Spec, author);
        var ends = now + overlap;
        await ReplaceAsync(keyId, old => old with
        {
            ReplacedBy = issued.Record.Id,
            Spec = old.Spec with { ExpiresAt = old.Spec.ExpiresAt < ends ? old.Spec.ExpiresAt : ends },
        });
        await TakeAwayAsync(ChangeKind.KeyChanged, $"{Name}/{keyId}", author, Find(keyId)!.Hash);
        return issued;
    }

    public async Task<bool> RevokeKeyAsync(string keyId, Author author)
    {
        if (Find(keyId) is not { } key)
        {
            return false;
        }

        if (key.Record.RevokedAt is null)
        {
            await ReplaceAsync(keyId, old => old with { RevokedAt = _time.GetUtcNow() });
            await TakeAwayAsync(ChangeKind.KeyChanged, $"{Name}/{keyId}", author, key.Hash);
        }
        else
        {
            // The call that revoked it may have ended before its barrier did.
            await PassAsync(await Changes.GetLastAsync());
        }

        return true;
    }

    private async Task<IssuedKey> IssueAsync(KeySpec spec, Author author)
    {
        var pepper = (await _peppers.GetAsync())[0];
        var secret = KeyFormat.Create(KeyFormat.ClientPrefix);
        var hash = KeyFormat.Hash(pepper.Version, pepper.Value, secret);
        var now = _time.GetUtcNow();
        var record = new KeyRecord($"key_{Guid.CreateVersion7(now):N}", spec, KeyFormat.Last4(secret), now, RevokedAt: null, ReplacedBy: null);
        await KeyGrain(hash).PutAsync(new KeyBinding(Name, record));
        await _state.WriteAsync(_state.Value with { Keys = _state.Value.Keys.Add(new HeldKey(record, hash)) });
        await TellAsync(ChangeKind.KeyCreated, $"{Name}/{record.Id}", author, hash);
        return new IssuedKey(record, secret);
    }

    private async Task ReplaceAsync(string keyId, Func<KeyRecord, KeyRecord> change)
    {
        var key = Find(keyId)!;
        var next = key with { Record = change(key.Record) };
        await KeyGrain(key.Hash).PutAsync(new KeyBinding(Name, next.Record));
        await _state.WriteAsync(_state.Value with { Keys = _state.Value.Keys.Replace(key, next) });
    }

    private HeldKey? Find(string keyId) => _state.Value.Keys.FirstOrDefault(k => string.Equals(k.Record.Id, keyId, StringComparison.Ordinal));

    private IKeyGrain KeyGrain(string hash) => GrainFactory.GetGrain<IKeyGrain>(GrainKeys.Join(Workspace, hash));

    // When this returns no live edge counts on what was before.
    private async Task TakeAwayAsync(ChangeKind kind, string subject, Author author, string? keyHash) =>
        await PassAsync(await TellAsync(kind, subject, author, keyHash));

    private Task PassAsync(long change) => GrainFactory.GetGrain<IFleetBarrierGrain>(Workspace).RequireAsync(change);

    private Task<long> TellAsync(ChangeKind kind, string subject, Author author, string? keyHash) =>
        Changes.AppendAsync(new NewChange(kind, subject, author, keyHash));
}
