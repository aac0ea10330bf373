using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>Which bodies of a model's or route's calls are kept in the call log, and what is made unreadable in them before. See docs/calls.md.</summary>
/// <param name="Tenants">Whose calls; empty: everybody's.</param>
/// <param name="Sample">Of how many of them, in whole percents, 1 to 100.</param>
/// <param name="Days">For how long, 1 to 90.</param>
/// <param name="MaxSize">The most bytes of a body that are kept.</param>
/// <param name="Headers">Names of headers that are kept, of requests and answers alike.</param>
/// <param name="Fields">Names of JSON fields whose values are not kept, at any depth.</param>
/// <param name="Patterns">Regular expressions: what they match is not kept.</param>
public sealed record BodyLogging(
    ImmutableArray<string> Tenants, int Sample, int Days, int MaxSize, ImmutableArray<string> Headers, ImmutableArray<string> Fields, ImmutableArray<string> Patterns)
{
    /// <summary>The most bytes of a body where none are declared.</summary>
    public const int UsualSize = 64 * 1024;
}
