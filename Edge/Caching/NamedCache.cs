using System.Collections.Immutable;

namespace Sluice.Edge.Caching;

/// <summary>What a cache did for a request.</summary>
internal enum CacheOutcome
{
    /// <summary>It gave what it kept, fresh.</summary>
    Hit,

    /// <summary>It gave what it kept though that was not fresh any more.</summary>
    Stale,

    /// <summary>It gave what it kept after the upstream had said that it holds.</summary>
    Revalidated,

    /// <summary>It gave what another request had just been answered.</summary>
    Collapsed,

    /// <summary>It had nothing to give.</summary>
    Miss,

    /// <summary>It was not asked.</summary>
    Bypass,
}

/// <summary>A declared cache on this edge, by its name.</summary>
/// <param name="name">The name.</param>
internal sealed class NamedCache(string name)
{
    private readonly long[] _counts = new long[Outcomes.Length];
    private long _saved;

    /// <summary>The names of outcomes.</summary>
    public static ImmutableArray<string> Outcomes { get; } = [.. Enum.GetNames<CacheOutcome>().Select(static n => n.ToLowerInvariant())];

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What it keeps.</summary>
    public AnswerStore Answers { get; } = new();

    /// <summary>Counts a request.</summary>
    public void Count(CacheOutcome outcome) => Interlocked.Increment(ref _counts[(int)outcome]);

    /// <summary>Counts a model's answer that was given again.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="nano">What that saved, in 10⁻⁹ of a US dollar.</param>
    public void CountGiven(CacheOutcome outcome, long nano)
    {
        Count(outcome);
        Interlocked.Add(ref _saved, nano);
    }

    /// <summary>What models' answers that were given again have saved, in 10⁻⁹ of a US dollar.</summary>
    public long Saved => Interlocked.Read(ref _saved);

    /// <summary>How many requests came to an outcome.</summary>
    public long Counted(int outcome) => Interlocked.Read(ref _counts[outcome]);
}
