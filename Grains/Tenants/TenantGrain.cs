using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Fleet;
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
    private const string StateName = "tenant";
    private readonly Durable<StoredTenant> _state;
    private readonly SharedRead<StoredTenant> _truth;
    private readonly PepperSource _peppers;
    private readonly TimeProvider _time;
    private readonly RightsChange _rights;

    public TenantGrain(
        [PersistentState(StateName)] IPersistentState<StoredTenant> state, [FromKeyedServices("Default")] IGrainStorage storage, PepperSource peppers, TimeProvider time)
    {
        (_state, _peppers, _time) = (new(this, state), peppers, time);
        _truth = new SharedRead<StoredTenant>(() => storage.ReadAsync<StoredTenant>(StateName, this.GetGrainId()));
        _rights = new RightsChange(GrainFactory, Workspace);
    }

    private string Workspace => GrainKeys.Split(this.GetPrimaryKeyString())[0];

    private IChangeLogGrain Changes => GrainFactory.GetGrain<IChangeLogGrain>(Workspace);

    private string Name => GrainKeys.Split(this.GetPrimaryKeyString())[1];

    public async Task<bool> CreateAsync(string? displayName, Author author, string? organisation = null)
    {
        if (organisation is not null && !Names.IsResource(organisation))
        {
            throw new ArgumentException($"organisation: must be {Names.ResourceRule}; is '{organisation}'.", nameof(organisation));
        }

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
        await _state.WriteAsync(new StoredTenant(new Tenant(Name, displayName, _time.GetUtcNow(), Suspended: false, organisation), []));
        await Changes.AppendAsync(new NewChange(ChangeKind.TenantCreated, Name, author));
        return true;
    }

    public Task<Tenant?> GetAsync() => Task.FromResult(_state.Value.Tenant);

    // From a read that begins now, which all who ask at this moment share: a right that was taken is refused here, whichever activation took it.
    public async Task<bool> HoldsAsync(string keyId) => await _truth.ReadAsync() is { Tenant.Suspended: false } stored
        && stored.Keys.Any(k => string.Equals(k.Record.Id, keyId, StringComparison.Ordinal) && k.Record.RevokedAt is null);

    public async Task<KeyIdentity?> IdentifyAsync()
    {
        if (await _truth.ReadAsync() is not { Tenant: { Suspended: false } tenant })
        {
            return null;
        }

        var (products, isEnding) = await GrainFactory.GetGrain<ISubscriptionsGrain>(this.GetPrimaryKeyString()).StandingsAsync();
        return new KeyIdentity(tenant.Name, "", User: null, ExpiresAt: null, Models: [], Hash: "", isEnding || _rights.IsEnding(""), Team: null, tenant.Organisation, products);
    }

    public Task<bool> IsEndingAsync(string keyId) => Task.FromResult(_rights.IsEnding(keyId));

    public Task<bool> OwnsAsync(string keyId) => Task.FromResult(_state.Value.Keys.Any(k => string.Equals(k.Record.Id, keyId, StringComparison.Ordinal)));

    public async Task<bool> SetSuspendedAsync(bool suspended, Author author)
    {
        if (_state.Value.Tenant is not { } tenant)
        {
            return false;
        }

        // Told again where it was so already: the call that stored it may have ended before edges were told, and nobody knows.
        var change = new NewChange(ChangeKind.TenantChanged, Name, author);
        await (tenant.Suspended == suspended ? _rights.PassAsync(change) : _rights.MakeAsync(
            change,
            suspended ? static _ => true : null,
            () => _state.WriteAsync(_state.Value with { Tenant = tenant with { Suspended = suspended } })));
        return true;
    }

    public async Task<IssuedKey?> CreateKeyAsync(KeySpec spec, Author author)
    {
        // Once more than at the admin API: the user becomes a part of grain keys and subjects, for good.
        if (spec.User is { } user && !Names.IsUser(user))
        {
            throw new ArgumentException($"user: must be {Names.UserRule}; is '{user}'.", nameof(spec));
        }

        if (spec.Team is { } team && !Names.IsUser(team))
        {
            throw new ArgumentException($"team: must be {Names.UserRule}; is '{team}'.", nameof(spec));
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
        await TakeAwayAsync(Find(keyId)!, author, old => old with
        {
            ReplacedBy = issued.Record.Id,
            Spec = old.Spec with { ExpiresAt = old.Spec.ExpiresAt < ends ? old.Spec.ExpiresAt : ends },
        });
        return issued;
    }

    public async Task<bool> RevokeKeyAsync(string keyId, Author author)
    {
        if (Find(keyId) is not { } key)
        {
            return false;
        }

        // Told again where it was revoked already, as with a suspension.
        await (key.Record.RevokedAt is null
            ? TakeAwayAsync(key, author, old => old with { RevokedAt = _time.GetUtcNow() })
            : _rights.PassAsync(Ending(key, author)));
        return true;
    }

    private async Task<IssuedKey> IssueAsync(KeySpec spec, Author author)
    {
        var pepper = (await _peppers.GetAsync())[0];
        var secret = KeyFormat.Create(KeyFormat.ClientPrefix);
        var hash = KeyFormat.Hash(pepper.Version, pepper.Value, secret);
        var now = _time.GetUtcNow();
        var record = new KeyRecord($"key_{Guid.CreateVersion7(now):N}", spec, KeyFormat.Last4(secret), now, RevokedAt: null, ReplacedBy: null);
        await KeyGrain(hash).PutAsync(new KeyBinding(Name, record, _state.Value.Tenant?.Organisation));
        await _state.WriteAsync(_state.Value with { Keys = _state.Value.Keys.Add(new HeldKey(record, hash)) });
        await Changes.AppendAsync(new NewChange(ChangeKind.KeyCreated, $"{Name}/{record.Id}", author, hash));
        return new IssuedKey(record, secret);
    }

    private async Task ReplaceAsync(string keyId, Func<KeyRecord, KeyRecord> change)
    {
        var key = Find(keyId)!;
        var next = key with { Record = change(key.Record) };
        await KeyGrain(key.Hash).PutAsync(new KeyBinding(Name, next.Record, _state.Value.Tenant?.Organisation));
        await _state.WriteAsync(_state.Value with { Keys = _state.Value.Keys.Replace(key, next) });
    }

    private HeldKey? Find(string keyId) => _state.Value.Keys.FirstOrDefault(k => string.Equals(k.Record.Id, keyId, StringComparison.Ordinal));

    private IKeyGrain KeyGrain(string hash) => GrainFactory.GetGrain<IKeyGrain>(GrainKeys.Join(Workspace, hash));

    private Task TakeAwayAsync(HeldKey key, Author author, Func<KeyRecord, KeyRecord> change)
    {
        var keyId = key.Record.Id;
        return _rights.MakeAsync(
            Ending(key, author),
            id => string.Equals(id, keyId, StringComparison.Ordinal),
            () => ReplaceAsync(keyId, change));
    }

    private NewChange Ending(HeldKey key, Author author) => new(ChangeKind.KeyChanged, $"{Name}/{key.Record.Id}", author, key.Hash);
}
