using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>Who asks the admin API: the holder of an admin key, or somebody for whom the identity provider vouches.</summary>
/// <param name="Id">The key's; else <c>oidc:</c> and the provider's subject.</param>
/// <param name="Name">Stands in the history beside what they change; <c>oidc:</c> and a name, where it is the provider's.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Last4">Of a key: how it ends.</param>
/// <param name="CreatedAt">Of a key: since when it is there.</param>
/// <param name="Tenant">With a role of tenants: the only one that it is for.</param>
public sealed record Operator(string Id, string Name, AdminRole Role, string? Last4 = null, DateTimeOffset? CreatedAt = null, string? Tenant = null)
{
    /// <summary>Whether they may read bodies of calls, which no role includes.</summary>
    public bool ReadsBodies { get; init; }

    internal static Operator Of(AdminKey key) => new(key.Id, key.Name, key.Role, key.Last4, key.CreatedAt, key.Tenant) { ReadsBodies = key.ReadsBodies };
}
