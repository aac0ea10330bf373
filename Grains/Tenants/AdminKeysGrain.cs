using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Grains.Tenants;

/// <summary>What is stored of operators' keys.</summary>
/// <param name="Begun">Whether any key was ever made.</param>
internal sealed record StoredAdminKeys(bool Begun, ImmutableArray<HeldAdminKey> Keys)
{
    public StoredAdminKeys()
        : this(Begun: false, [])
    {
    }
}

/// <summary>An operator's key and its hash.</summary>
internal sealed record HeldAdminKey(AdminKey Key, string Hash);

/// <summary>The keys of operators.</summary>
[GrainType("admin-keys")]
internal sealed class AdminKeysGrain : Grain, IAdminKeysGrain
{
    private readonly Durable<StoredAdminKeys> _state;
    private readonly PepperSource _peppers;
    private readonly TimeProvider _time;

    public AdminKeysGrain([PersistentState("admin-keys")] IPersistentState<StoredAdminKeys> state, PepperSource peppers, TimeProvider time) =>
        (_state, _peppers, _time) = (new(this, state), peppers, time);

    public async Task<IssuedAdminKey?> BootstrapAsync() => _state.Value.Begun ? null : await IssueAsync(IAdminKeysGrain.Bootstrap, AdminRole.Admin);

    public Task<IssuedAdminKey> CreateAsync(string name, AdminRole role, Author author) => IssueAsync(name, role);

    public Task<IssuedAdminKey> CreateOfTenantAsync(string name, AdminRole role, string tenant, Author author) => IssueAsync(name, role, tenant);

    public Task<IssuedAdminKey> CreateReaderAsync(string name, AdminRole role, Author author) => IssueAsync(name, role, readsBodies: true);

    public Task<ImmutableArray<AdminKey>> ListAsync() => Task.FromResult<ImmutableArray<AdminKey>>([.. _state.Value.Keys.Select(k => k.Key)]);

    public async Task<bool> RevokeAsync(string id, Author author)
    {
        var keys = _state.Value.Keys;
        var gone = keys.FirstOrDefault(k => string.Equals(k.Key.Id, id, StringComparison.Ordinal));
        var isLast = gone?.Key.Role is AdminRole.Admin && keys.Count(k => k.Key.Role is AdminRole.Admin) == 1;
        if (gone is null || isLast)
        {
            return false;
        }

        await _state.WriteAsync(_state.Value with { Keys = keys.Remove(gone) });
        return true;
    }

    public async Task<AdminKey?> IdentifyAsync(string secret)
    {
        if (!KeyFormat.IsWellFormed(secret, KeyFormat.AdminPrefix))
        {
            return null;
        }

        AdminKey? found = null;
        foreach (var pepper in await _peppers.GetAsync())
        {
            var hash = Encoding.ASCII.GetBytes(KeyFormat.Hash(pepper.Version, pepper.Value, secret));
            foreach (var key in _state.Value.Keys)
            {
                found = CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(key.Hash)) ? key.Key : found;
            }
        }

        return found;
    }

    private async Task<IssuedAdminKey> IssueAsync(string name, AdminRole role, string? tenant = null, bool readsBodies = false)
    {
        Pepper pepper = (await _peppers.GetAsync())[0];
        var secret = KeyFormat.Create(KeyFormat.AdminPrefix);
        var now = _time.GetUtcNow();
        var key = new AdminKey($"adm_{Guid.CreateVersion7(now):N}", name, role, KeyFormat.Last4(secret), now, tenant) { ReadsBodies = readsBodies };
        await _state.WriteAsync(new StoredAdminKeys(Begun: true, _state.Value.Keys.Add(new HeldAdminKey(key, KeyFormat.Hash(pepper.Version, pepper.Value, secret)))));
        return new IssuedAdminKey(key, secret);
    }
}
