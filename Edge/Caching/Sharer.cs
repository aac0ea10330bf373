using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>Which of a tenant's callers share what is kept.</summary>
internal static class Sharer
{
    /// <summary>Of a caller; empty: all of the tenant's, or whoever asks where nobody is known.</summary>
    public static string Of(CachePer per, KeyIdentity? identity) => (per, identity) switch
    {
        (CachePer.Tenant, _) or (_, null) => "",
        (CachePer.User, { User: { } user }) => $"user {user}",
        (_, { } caller) => $"key {caller.KeyId} {caller.User}",
    };
}
