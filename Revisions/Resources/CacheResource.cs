namespace Sluice.Revisions.Resources;

/// <summary>How answers are kept on edges and given again: those of routes by the rules of HTTP, those of models for as long as it says.</summary>
/// <param name="Size">The most bytes that each edge keeps; default 64 MiB.</param>
/// <param name="LargestAnswer">The most bytes of one answer's body; larger ones pass; default 1 MiB.</param>
/// <param name="Per">Who shares what is kept.</param>
public sealed record CacheResource(string Name, long Size, long LargestAnswer, CachePer Per) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Cache";

    /// <summary>The longest that anything is kept fresh, by whoever says so.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public override string Kind => KindName;

    /// <summary>How long an answer is fresh that says nothing of it, as no model's does; null: such answers are not kept.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>The longest time for which an answer is fresh, whatever it says.</summary>
    public TimeSpan MaxAge { get; init; } = Longest;

    /// <summary>For how long after its freshness an answer that says nothing of it is given while it is asked for anew; default not at all.</summary>
    public TimeSpan StaleWhileRevalidate { get; init; }

    /// <summary>For how long after its freshness an answer that says nothing of it, as no model's does, is given where the upstream or provider fails; default not at all.</summary>
    public TimeSpan StaleIfError { get; init; }

    /// <summary>How long a request waits for another one under way that asks for the same; zero: not at all; null: 5 seconds for routes, 30 for models.</summary>
    public TimeSpan? WaitForSame { get; init; }

    /// <summary>What a model's kept answer costs, in percents of what it would cost to ask for it anew; default 0.</summary>
    public int Charge { get; init; }
}

/// <summary>Who shares kept answers: all keys of a <c>tenant</c> (default), those with one <c>user</c>, only the same <c>key</c>, or, of models alone, <c>everyone</c>.</summary>
public enum CachePer
{
    Tenant,
    User,
    Key,
    Everyone,
}
