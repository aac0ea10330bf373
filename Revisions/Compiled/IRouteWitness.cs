using System.Collections.Immutable;

namespace Sluice.Revisions.Compiled;

/// <summary>Sees which routes matching looks at, in their order, and why it passes them over. A struct, so that matching without one pays nothing for it.</summary>
internal interface IRouteWitness
{
    /// <summary>Whether matching goes on behind what fits and what does not, so that every candidate and each of its conditions is seen.</summary>
    static abstract bool SeesAll { get; }

    /// <summary>The path and the host fit; a condition does not.</summary>
    /// <param name="route">The candidate.</param>
    /// <param name="condition">Which kind of condition.</param>
    /// <param name="name">Of the header, query parameter or flag; else null.</param>
    /// <param name="asked">What the route asks for; empty: any value.</param>
    void Misses(CompiledRoute route, RouteCondition condition, string? name, ImmutableArray<string> asked);

    /// <summary>All fits.</summary>
    void Fits(CompiledRoute route);
}

/// <summary>What a route asks of a request.</summary>
public enum RouteCondition
{
    /// <summary>Its host.</summary>
    Host,

    /// <summary>Its path.</summary>
    Path,

    /// <summary>Its method.</summary>
    Method,

    /// <summary>A header.</summary>
    Header,

    /// <summary>A query parameter.</summary>
    Query,

    /// <summary>What a flag says.</summary>
    Flag,
}

/// <summary>Nobody looks.</summary>
internal readonly struct NoWitness : IRouteWitness
{
    public static bool SeesAll => false;

    public void Misses(CompiledRoute route, RouteCondition condition, string? name, ImmutableArray<string> asked)
    {
    }

    public void Fits(CompiledRoute route)
    {
    }
}
