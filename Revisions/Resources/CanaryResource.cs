using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Revisions.Resources;

/// <summary>A change that holds for a part of the subjects only, until it is accepted or taken away. Described in docs/canaries.md.</summary>
/// <param name="Share">0 to 10,000 ten-thousandths of the subjects are served under the change; at 10,000 all are, those without a key too.</param>
/// <param name="By">What a subject is.</param>
/// <param name="Put">Resources that stand in place of those of the same name, or besides.</param>
/// <param name="Remove">Resources that are not there.</param>
public sealed record CanaryResource(
    string Name, int Share, CohortBy By, ImmutableArray<ResourceBody> Put, ImmutableArray<ResourceKey> Remove) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Canary";

    /// <summary>The share that is all.</summary>
    public const int Whole = 10_000;

    public override string Kind => KindName;
}

/// <summary>By what it is decided who is served under a canary.</summary>
public enum CohortBy
{
    /// <summary>The key's user; of a key without one, the key. The default.</summary>
    User,

    /// <summary>The key.</summary>
    Key,

    /// <summary>The key's tenant.</summary>
    Tenant,
}
