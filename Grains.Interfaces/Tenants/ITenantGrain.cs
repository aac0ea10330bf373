using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Tenants;

/// <summary>
/// One tenant and the list of its keys; key: <c>workspace|tenant</c>. It promises: a key that was answered as made works from then on, survives any
/// crash, and its secret is stored nowhere; one answered as revoked is refused by its key grain for ever.
/// </summary>
[Alias("sluice.tenant")]
public interface ITenantGrain : IEdgeTenantGrain
{
    /// <summary>Makes the tenant; false when it was there already.</summary>
    /// <param name="organisation">What limits and budgets of organisations bind it by, for good; null: none.</param>
    /// <exception cref="InvalidOperationException">The grain's key holds no tenant's name.</exception>
    /// <exception cref="ArgumentException">The organisation has no form that a subject can name.</exception>
    [Alias("create")]
    Task<bool> CreateAsync(string? displayName, Author author, string? organisation = null);

    /// <summary>The tenant, or null where it was never made.</summary>
    [Alias("get")]
    Task<Tenant?> GetAsync();

    /// <summary>Whether the tenant is not suspended and holds the key, unrevoked. Answered while other calls wait: key grains ask it.</summary>
    [Alias("holds"), AlwaysInterleave]
    Task<bool> HoldsAsync(string keyId);

    /// <summary>
    /// Whether a right of the key is being taken away in a strict workspace: until it is, the key may still be used, but nobody may keep what he is told of it. Answered while
    /// other calls wait.
    /// </summary>
    [Alias("is-ending"), AlwaysInterleave]
    Task<bool> IsEndingAsync(string keyId);

    /// <summary>Whether a key is the tenant's, or was before it was revoked. Answered while other calls wait: budgets ask it, by way of webhooks.</summary>
    [Alias("owns"), AlwaysInterleave]
    Task<bool> OwnsAsync(string keyId);

    /// <summary>Suspends or resumes: every key of a suspended tenant is refused. False where there is no such tenant.</summary>
    [Alias("suspend")]
    Task<bool> SetSuspendedAsync(bool suspended, Author author);

    /// <summary>Makes a key; null where there is no such tenant. The secret is in the answer and nowhere else.</summary>
    /// <exception cref="ArgumentException">The spec's user or team has no form that a subject can name.</exception>
    [Alias("create-key")]
    Task<IssuedKey?> CreateKeyAsync(KeySpec spec, Author author);

    /// <summary>All keys, newest first; empty where there is no such tenant.</summary>
    [Alias("keys")]
    Task<ImmutableArray<KeyRecord>> GetKeysAsync();

    /// <summary>Makes a successor with the same rights; the old key ends after <paramref name="overlap"/>. Null where there is no such live key.</summary>
    [Alias("rotate-key")]
    Task<IssuedKey?> RotateKeyAsync(string keyId, TimeSpan overlap, Author author);

    /// <summary>Revokes a key, at once and for ever; revoking twice is no error. False where there is no such key.</summary>
    [Alias("revoke-key")]
    Task<bool> RevokeKeyAsync(string keyId, Author author);
}

/// <summary>What an edge may ask of an <see cref="ITenantGrain"/>.</summary>
[EdgeCallable, Alias("sluice.tenant-edge")]
public interface IEdgeTenantGrain : IGrainWithStringKey
{
    /// <summary>The tenant as one is known who stands for it without a key of Sluice's, the key's fields being empty; null where there is none or it is suspended. Answered while other calls wait.</summary>
    [Alias("identify"), AlwaysInterleave]
    Task<KeyIdentity?> IdentifyAsync();
}

/// <summary>The tenants of a workspace by name; its key is the workspace's name.</summary>
[Alias("sluice.tenant-directory")]
public interface ITenantDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Enters a tenant; entering twice is no error.</summary>
    [Alias("add")]
    Task AddAsync(string tenant);

    /// <summary>Names after <paramref name="after"/> (ordinal), at most <paramref name="limit"/>.</summary>
    [Alias("list")]
    Task<ImmutableArray<string>> ListAsync(string? after, int limit);
}

/// <summary>A tenant.</summary>
/// <param name="Organisation">To which it belongs, or null.</param>
[GenerateSerializer, Immutable, Alias("sluice.tenant-record")]
public sealed record Tenant(
    [property: Id(0)] string Name, [property: Id(1)] string? DisplayName, [property: Id(2)] DateTimeOffset CreatedAt, [property: Id(3)] bool Suspended,
    [property: Id(4)] string? Organisation = null);

/// <summary>What a new key may do.</summary>
/// <param name="Name">For people; may be null.</param>
/// <param name="User">The user it belongs to, for limits by user, in the form of user names; may be null.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="Models">Models it may use, each a name or a prefix ending in <c>*</c>; empty: all.</param>
/// <param name="Team">The team it belongs to, for limits and budgets of teams, in the form of user names; may be null.</param>
[GenerateSerializer, Immutable, Alias("sluice.key-spec")]
public sealed record KeySpec(
    [property: Id(0)] string? Name, [property: Id(1)] string? User, [property: Id(2)] DateTimeOffset? ExpiresAt, [property: Id(3)] ImmutableArray<string> Models,
    [property: Id(4)] string? Team = null)
{
    /// <summary>What it may do on routes that ask for scopes.</summary>
    [Id(5)]
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>From where it may be used, each an address or a range; empty: from anywhere.</summary>
    [Id(6)]
    public ImmutableArray<string> Addresses { get; init; } = [];
}

/// <summary>A key as it is listed: never its secret.</summary>
/// <param name="Last4">The last four characters before the checksum, to tell keys apart.</param>
[GenerateSerializer, Immutable, Alias("sluice.key-record")]
public sealed record KeyRecord(
    [property: Id(0)] string Id,
    [property: Id(1)] KeySpec Spec,
    [property: Id(2)] string Last4,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] DateTimeOffset? RevokedAt,
    [property: Id(5)] string? ReplacedBy);

/// <summary>A new key with its secret, shown once. Its text form is masked.</summary>
[GenerateSerializer, Immutable, Alias("sluice.issued-key")]
public sealed record IssuedKey([property: Id(0)] KeyRecord Record, [property: Id(1)] string Secret)
{
    public override string ToString() => $"{Record.Id} ***";
}
