using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Tenants;

/// <summary>The keys of operators for the admin API; one grain for the cluster, keyed <c>admin</c>. Stored as clients' keys are: only their hashes.</summary>
[Alias("sluice.admin-keys")]
public interface IAdminKeysGrain : IGrainWithStringKey
{
    /// <summary>Makes the first key, of role admin and named <c>bootstrap</c>; null where any key was ever made.</summary>
    [Alias("bootstrap")]
    Task<IssuedAdminKey?> BootstrapAsync();

    /// <summary>Makes a key.</summary>
    [Alias("create")]
    Task<IssuedAdminKey> CreateAsync(string name, AdminRole role, Author author);

    /// <summary>Makes a key for one tenant alone, of role <see cref="AdminRole.TenantViewer"/> or <see cref="AdminRole.TenantAdmin"/>.</summary>
    [Alias("create-of-tenant")]
    Task<IssuedAdminKey> CreateOfTenantAsync(string name, AdminRole role, string tenant, Author author);

    /// <summary>Makes a key that may read bodies of calls too.</summary>
    [Alias("create-reader")]
    Task<IssuedAdminKey> CreateReaderAsync(string name, AdminRole role, Author author);

    /// <summary>All keys that were not revoked.</summary>
    [Alias("list")]
    Task<ImmutableArray<AdminKey>> ListAsync();

    /// <summary>Revokes a key; false where there is none, or it is the last of role admin.</summary>
    [Alias("revoke")]
    Task<bool> RevokeAsync(string id, Author author);

    /// <summary>Who the whole secret key stands for, or null.</summary>
    [Alias("identify")]
    Task<AdminKey?> IdentifyAsync(string secret);

    /// <summary>What the first key is named; it is to be replaced by keys of people and programs.</summary>
    const string Bootstrap = "bootstrap";

    /// <summary>The fixed key of this grain.</summary>
    const string Key = "admin";
}

/// <summary>
/// What the holder of a key may do; each role includes the ones before it, but for those of tenants, which are of one tenant. These come before all others, so that a silo which does not know
/// of them refuses whatever they ask for.
/// </summary>
public enum AdminRole
{
    /// <summary>Reads what is one tenant's own: its keys, usage, calls, subscriptions, budgets.</summary>
    TenantViewer = -2,

    /// <summary>Manages that tenant's keys and subscriptions as well.</summary>
    TenantAdmin = -1,

    /// <summary>Reads everything but secrets.</summary>
    Viewer = 0,

    /// <summary>Changes resources, tenants and keys.</summary>
    Operator,

    /// <summary>Changes admin keys as well.</summary>
    Admin,
}

/// <summary>An operator's key as it is listed.</summary>
/// <param name="Tenant">The only one that it is for, with the roles of tenants; else null.</param>
[GenerateSerializer, Immutable, Alias("sluice.admin-key")]
public sealed record AdminKey(
    [property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] AdminRole Role, [property: Id(3)] string Last4, [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] string? Tenant = null)
{
    /// <summary>Whether it may read bodies of calls, which no role includes.</summary>
    [Id(6)]
    public bool ReadsBodies { get; init; }
}

/// <summary>A new operator's key with its secret, shown once. Its text form is masked.</summary>
[GenerateSerializer, Immutable, Alias("sluice.issued-admin-key")]
public sealed record IssuedAdminKey([property: Id(0)] AdminKey Key, [property: Id(1)] string Secret)
{
    public override string ToString() => $"{Key.Id} ***";
}
