using System.Runtime.CompilerServices;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>
/// For whom and by which declarations something is kept. Declarations are the same only as the very same object, which edges carry over from one revision to the next while nothing
/// changes it: what was kept under another declaration is never found again.
/// </summary>
/// <param name="served">The route or model.</param>
/// <param name="asked">The upstream or provider that answered.</param>
/// <param name="cache">What keeps it.</param>
/// <param name="tenant">Whose it is; empty: everybody's.</param>
/// <param name="sharer">Which of the tenant's callers share it; empty: all.</param>
internal readonly struct KeptFor(Resource served, Resource asked, CacheResource cache, string tenant, string sharer) : IEquatable<KeptFor>
{
    /// <summary>The route or model.</summary>
    public Resource Served => served;

    /// <summary>What keeps it.</summary>
    public CacheResource Cache => cache;

    /// <summary>Whose it is; empty: everybody's.</summary>
    public string Tenant => tenant;

    private Resource Asked => asked;

    private string Sharer => sharer;

    public bool Equals(KeptFor other) => ReferenceEquals(served, other.Served) && ReferenceEquals(asked, other.Asked) && ReferenceEquals(cache, other.Cache)
        && string.Equals(tenant, other.Tenant, StringComparison.Ordinal) && string.Equals(sharer, other.Sharer, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is KeptFor other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(served), RuntimeHelpers.GetHashCode(asked), RuntimeHelpers.GetHashCode(cache), tenant, sharer);
}
