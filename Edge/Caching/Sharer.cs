using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>Which callers share what is kept.</summary>
internal static class Sharer
{
    /// <summary>Whose it is; empty: everybody's.</summary>
    public static string TenantOf(CachePer per, KeyIdentity? identity) => per is CachePer.Everyone ? "" : identity?.Tenant ?? "";

    /// <summary>Of a caller; empty: all of the tenant's, or whoever asks where nobody is known.</summary>
    public static string Of(CachePer per, KeyIdentity? identity) => (per, identity) switch
    {
        (CachePer.Tenant or CachePer.Everyone, _) or (_, null) => "",
        (CachePer.User, { User: { } user }) => $"user {user}",
        (_, { } caller) => $"key {caller.KeyId} {caller.User}",
    };
}
