using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Fleet;

/// <summary>A revision that requests of an edge run under.</summary>
/// <param name="InFlight">Requests that have not ended.</param>
/// <param name="ReplacedFor">How long ago another one took its place; null: it is the active one.</param>
[GenerateSerializer, Immutable, Alias("sluice.revision-in-use")]
public sealed record RevisionInUse([property: Id(0)] long Revision, [property: Id(1)] long InFlight, [property: Id(2)] TimeSpan? ReplacedFor);

/// <summary>The revisions that requests of an edge run under.</summary>
/// <param name="Old">How many were replaced and still have requests in flight.</param>
/// <param name="Oldest">How long ago the one of them that was replaced first was replaced; null: there is none.</param>
/// <param name="Revisions">The active one, then the old ones, newest first; at most <see cref="MostListed"/>.</param>
[GenerateSerializer, Immutable, Alias("sluice.revision-use")]
public sealed record RevisionUse([property: Id(0)] int Old, [property: Id(1)] TimeSpan? Oldest, [property: Id(2)] ImmutableArray<RevisionInUse> Revisions)
{
    /// <summary>So many are listed at most; <see cref="Old"/> counts all.</summary>
    public const int MostListed = 10;

    /// <summary>Sums up what an edge sees.</summary>
    public static RevisionUse Of(ImmutableArray<RevisionInUse> all) =>
        new(all.Count(r => r.ReplacedFor is not null), all.Max(r => r.ReplacedFor), all.Length > MostListed ? all[..MostListed] : all);
}
