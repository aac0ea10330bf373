using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Grains.Catalog;

/// <summary>What a change would make of a revision, or all that is wrong with it. Plain rules; the same compiler as on edges has the last word.</summary>
/// <param name="Resources">Ordered; as far as they could be read where there are errors.</param>
/// <param name="Hash">Of the whole.</param>
/// <param name="Changes">What differs from the revision before.</param>
/// <param name="Errors">Empty: the candidate may be published.</param>
public sealed record Candidate(
    ImmutableArray<ResourceBody> Resources, string Hash, ImmutableArray<ResourceChange> Changes, ImmutableArray<FieldError> Errors)
{
    /// <summary>Checks a whole set of resources that would follow on another.</summary>
    public static Candidate Check(ImmutableArray<ResourceBody> before, IEnumerable<ResourceBody> resources)
    {
        var ordered = RevisionCompiler.Order(resources);
        var errors = RevisionCompiler.Compile(ordered).Errors;
        return new Candidate(ordered, RevisionCompiler.Hash(ordered), RevisionCompiler.Diff(before, ordered), errors);
    }

    /// <summary>A change that is refused.</summary>
    public static Candidate Refused(params ImmutableArray<FieldError> errors) => new([], "", [], errors);
}
