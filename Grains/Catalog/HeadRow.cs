using System.Collections.Immutable;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The head as stored: the only row that says which revisions there are, which edges may hold a lease, and which change of credentials each must have
/// applied. It is changed by compare-and-swap alone (<see cref="HeadMoves"/>), so that it is right with any number of activations at work.
/// See docs/reload.md.
/// </summary>
public sealed record HeadRow(long Term, long Revision, string Hash)
{
    /// <summary>Before the first publish.</summary>
    public static HeadRow None { get; } = new(0, 0, "");

    /// <summary>The edges that may hold a lease, each with its lapse mark; 0: none. An edge that is marked is granted nothing until its mark is taken away.</summary>
    public ImmutableSortedDictionary<string, long> Edges { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The number of the last lapse mark: no two marks are the same.</summary>
    public long Marks { get; init; }

    /// <summary>The number of the last change that takes a right away: an edge that has not applied it may not count on a new grant.</summary>
    public long Changes { get; init; }

    /// <summary>Hashes that an edge refused, oldest first: none of them is published again.</summary>
    public ImmutableArray<string> Quarantined { get; init; } = [];

    /// <summary>The last publishes by the ids that their callers gave, oldest first.</summary>
    public ImmutableArray<PublishedId> Recent { get; init; } = [];

    /// <summary>The hash of the last audit entry: who holds the head holds the whole chain. Empty before the first.</summary>
    public string Audit { get; init; } = "";
}

/// <summary>Which revision a publish made.</summary>
/// <param name="Id">As the caller gave it, or one of the grain's own.</param>
/// <param name="Revision">The number.</param>
public sealed record PublishedId(string Id, long Revision);
