using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>
/// Which bodies are kept, as stored. What is to go is said here before anything goes, and that it has gone after: whoever is killed in between, or was replaced
/// unawares, leaves work to be done once more and nothing that is half done. Plain rules.
/// </summary>
public sealed record RetentionRow
{
    /// <summary>Bodies up to this number are let go, but for those that are named here.</summary>
    public long Through { get; init; }

    /// <summary>Up to this number they have gone.</summary>
    public long Gone { get; init; }

    /// <summary>Kept because somebody said so.</summary>
    public ImmutableSortedSet<long> Pinned { get; init; } = [];

    /// <summary>Not pinned any more though all around them are let go.</summary>
    public ImmutableSortedSet<long> Loose { get; init; } = [];

    /// <summary>Of those that were loose: the ones that are going.</summary>
    public ImmutableSortedSet<long> Going { get; init; } = [];

    /// <summary>The bodies that are to go and may not have gone.</summary>
    public IEnumerable<long> Owed() => Range(Gone, Through).Where(n => !Pinned.Contains(n) && !Loose.Contains(n)).Concat(Going);

    /// <summary>They have gone.</summary>
    public RetentionRow Settle() => this with { Gone = Through, Going = [] };

    /// <summary>What is to go next.</summary>
    /// <param name="upTo">The greatest number that need not be kept.</param>
    /// <param name="isServed">Whether an edge serves a revision.</param>
    public RetentionRow Release(long upTo, Func<long, bool> isServed)
    {
        var going = Loose.Where(n => !isServed(n)).ToImmutableSortedSet();
        return upTo <= Through && going.IsEmpty ? this : this with { Through = Math.Max(Through, upTo), Loose = Loose.Except(going), Going = Going.Union(going) };
    }

    /// <summary>A revision is kept; the caller knows that its body is there.</summary>
    public RetentionRow Pin(long number) => this with { Pinned = Pinned.Add(number), Loose = Loose.Remove(number) };

    /// <summary>A revision is kept no longer than others.</summary>
    public RetentionRow Unpin(long number) => this with { Pinned = Pinned.Remove(number), Loose = number <= Through ? Loose.Add(number) : Loose };

    /// <summary>As it is told.</summary>
    public KeptRevisions Kept() => new(Through, Pinned, Loose);

    private static IEnumerable<long> Range(long after, long to)
    {
        for (var number = after + 1; number <= to; number++)
        {
            yield return number;
        }
    }
}
