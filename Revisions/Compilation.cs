using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>
/// A revision that was read and compiled, and what the next one can share with it: of what did not change nothing is read or compiled again. Immutable.
/// </summary>
public sealed class Compilation
{
    /// <summary>Of the empty revision.</summary>
    public static Compilation Empty { get; } = new(RevisionContent.Empty, [], Plan.Empty);

    internal Compilation(RevisionContent content, ImmutableArray<Resource> read, Plan plan) =>
        (Content, Read, Plan) = (content, read, plan);

    /// <summary>The resources and their hash.</summary>
    public RevisionContent Content { get; }

    /// <summary>The resources, ordered by kind, then name.</summary>
    public ImmutableArray<ResourceBody> Resources => Content.Resources;

    /// <summary>What edges run.</summary>
    public Plan Plan { get; }

    /// <summary>Each of <see cref="Resources"/> in its typed form, at the same place.</summary>
    internal ImmutableArray<Resource> Read { get; }
}
