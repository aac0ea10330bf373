using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Tenants;

/// <summary>
/// One client key, found by the hash under which it is stored; key: <c>workspace|hash</c>, the hash being the pepper's version, a dot, and
/// HMAC-SHA-256(pepper, whole key) in lower-case hex. Edges ask it once for each key they meet, then keep the answer until told otherwise.
/// </summary>
[Alias("sluice.key")]
public interface IKeyGrain : IEdgeKeyGrain
{
    /// <summary>Stores the key's record. Called by the tenant's grain only.</summary>
    [Alias("put")]
    Task PutAsync(KeyBinding binding);
}

/// <summary>What an edge may ask of an <see cref="IKeyGrain"/>.</summary>
[EdgeCallable, Alias("sluice.key-edge")]
public interface IEdgeKeyGrain : IGrainWithStringKey
{
    /// <summary>Who the key stands for now, or null for a key that is unknown, revoked, expired or of a suspended tenant: all alike.</summary>
    [Alias("identify")]
    Task<KeyIdentity?> IdentifyAsync();
}

/// <summary>What a key grain stores.</summary>
[GenerateSerializer, Immutable, Alias("sluice.key-binding")]
public sealed record KeyBinding([property: Id(0)] string Tenant, [property: Id(1)] KeyRecord Record, [property: Id(2)] string? Organisation = null);

/// <summary>Whom a request is for.</summary>
/// <param name="Hash">The stored hash, by which changes name the key.</param>
/// <param name="Models">Models the key may use, each a name or a prefix ending in <c>*</c>; empty: all.</param>
/// <param name="IsEnding">A right of the key is being taken away: this answer holds for requests that had come before it was asked for, and for no other.</param>
/// <param name="Team">The key's team, or null.</param>
/// <param name="Organisation">The tenant's organisation, or null.</param>
/// <param name="Products">How the tenant stands to products, by name (ordinal).</param>
[GenerateSerializer, Immutable, Alias("sluice.key-identity")]
public sealed record KeyIdentity(
    [property: Id(0)] string Tenant,
    [property: Id(1)] string KeyId,
    [property: Id(2)] string? User,
    [property: Id(3)] DateTimeOffset? ExpiresAt,
    [property: Id(4)] ImmutableArray<string> Models,
    [property: Id(5)] string Hash,
    [property: Id(6)] bool IsEnding = false,
    [property: Id(7)] string? Team = null,
    [property: Id(8)] string? Organisation = null,
    [property: Id(9)] ImmutableArray<ProductStanding> Products = default)
{
    /// <summary>What the key may do on routes that ask for scopes.</summary>
    [Id(20)]
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>From where the key may be used, each an address or a range; empty: from anywhere.</summary>
    [Id(21)]
    public ImmutableArray<string> Addresses { get; init; } = [];
}
