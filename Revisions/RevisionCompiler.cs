using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;

namespace Sluice.Revisions;

/// <summary>Compiles a whole revision: silos to check a candidate, edges to run it. The same code for both.</summary>
public static class RevisionCompiler
{
    /// <summary>Checks every reference and conflict between resources and builds what edges run.</summary>
    public static CompileResult Compile(ImmutableArray<ResourceBody> resources) => throw new NotSupportedException();

    /// <summary>SHA-256 in lower-case hex over the lines <c>kind/name hash\n</c>, ordered by kind, then name (ordinal).</summary>
    public static string Hash(ImmutableArray<ResourceBody> resources) => throw new NotSupportedException();

    /// <summary>What differs, ordered by kind, then name.</summary>
    public static ImmutableArray<ResourceChange> Diff(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after) => throw new NotSupportedException();
}

/// <summary>A compiled plan, or all that is wrong.</summary>
public sealed record CompileResult(Plan? Plan, ImmutableArray<FieldError> Errors);
