using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>
/// Which revisions of a workspace keep their bodies; its key is the workspace's name. It promises: the active revision, the one before it, those that an edge
/// serves, the last ones, the young ones and the pinned ones keep theirs, and every revision keeps its audit entry. Described in docs/reload.md.
/// </summary>
[Alias("sluice.retention")]
public interface IRetentionGrain : IGrainWithStringKey
{
    /// <summary>Lets go some of what need not be kept, or goes on with what another look began. A look is bounded: the next one does the rest.</summary>
    [Alias("look")]
    Task LookAsync();

    /// <summary>Keeps a revision until it is let go by <see cref="UnpinAsync"/>.</summary>
    [Alias("pin")]
    Task<PinOutcome> PinAsync(long number);

    /// <summary>A revision is kept only as long as others are; false: it was not pinned.</summary>
    [Alias("unpin")]
    Task<bool> UnpinAsync(long number);

    /// <summary>What is kept.</summary>
    [Alias("kept"), AlwaysInterleave]
    Task<KeptRevisions> GetAsync();
}

/// <summary>What became of a wish to keep a revision.</summary>
public enum PinOutcome
{
    /// <summary>It is kept.</summary>
    Pinned,

    /// <summary>There is no such revision.</summary>
    Unknown,

    /// <summary>Its body was let go already.</summary>
    Pruned,

    /// <summary>As many are pinned as may be.</summary>
    TooMany,
}

/// <summary>Which revisions have their bodies.</summary>
/// <param name="Through">Up to this number bodies are let go, but for <paramref name="Pinned"/> and <paramref name="Loose"/>.</param>
/// <param name="Pinned">Kept because somebody said so.</param>
/// <param name="Loose">Not pinned any more, and let go by a later look.</param>
[GenerateSerializer, Immutable, Alias("sluice.kept-revisions")]
public sealed record KeptRevisions([property: Id(0)] long Through, [property: Id(1)] ImmutableSortedSet<long> Pinned, [property: Id(2)] ImmutableSortedSet<long> Loose)
{
    /// <summary>Whether a revision's body was let go.</summary>
    public bool IsPruned(long number) => number <= Through && !Pinned.Contains(number) && !Loose.Contains(number);
}
