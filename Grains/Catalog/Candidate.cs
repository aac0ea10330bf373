using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Prompts;

namespace Sluice.Grains.Catalog;

/// <summary>What a change would make of a revision, or all that is wrong with it. Plain rules; the same compiler as on edges has the last word.</summary>
/// <param name="Resources">Ordered; as far as they could be read where there are errors.</param>
/// <param name="Hash">Of the whole.</param>
/// <param name="Changes">What differs from the revision before.</param>
/// <param name="Errors">Empty, as is <paramref name="Owned"/>: the candidate may be published.</param>
/// <param name="Owned">What the change would overwrite or remove though it belongs to others.</param>
public sealed record Candidate(
    ImmutableArray<ResourceBody> Resources, string Hash, ImmutableArray<ResourceChange> Changes, ImmutableArray<FieldError> Errors, ImmutableArray<OwnedResource> Owned)
{
    /// <summary>From which the next candidate is compiled; null where there are errors.</summary>
    public Compilation? Compilation { get; private init; }

    /// <summary>What does not hold the change up, and is to be told.</summary>
    public ImmutableArray<FieldError> Warnings { get; private init; } = [];

    /// <summary>Whether its publish is a strict one: the stricter of what is active and what is to be counts.</summary>
    public bool IsStrict { get; private init; }

    /// <summary>Checks a whole set of resources that would follow on another, which is ordered. Of what <paramref name="from"/> has too nothing is read or compiled again.</summary>
    public static Candidate Check(ImmutableArray<ResourceBody> before, IEnumerable<ResourceBody> resources, Ownership ownership, Compilation? from = null)
    {
        var (ordered, owned) = ownership.Claim(before, resources);
        var content = RevisionContent.Of(ordered, from?.Content);
        var compiled = RevisionCompiler.Compile(content, from);
        var errors = compiled.Errors.AddRange(PromptHistory.Check(before, ordered));
        return new Candidate(ordered, content.Hash, RevisionCompiler.Diff(before, ordered), errors, owned)
        {
            Compilation = errors.IsEmpty ? compiled.Compilation : null,
            IsStrict = compiled.Plan?.Workspace.Strict is true || WorkspaceChoices.AreStrict(before),
        };
    }

    /// <summary>The candidate after what its certificates are made of was looked at.</summary>
    public Candidate Looked(ImmutableArray<FieldError> errors, ImmutableArray<FieldError> warnings) =>
        this with { Errors = errors, Compilation = errors.IsEmpty ? Compilation : null, Warnings = warnings };

    /// <summary>A change that is refused.</summary>
    public static Candidate Refused(params ImmutableArray<FieldError> errors) => new([], "", [], errors, []);
}
