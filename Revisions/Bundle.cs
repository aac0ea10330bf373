using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Revisions;

/// <summary>A bundle as it is written: YAML documents separated by <c>---</c>, or a JSON array or object.</summary>
public static class Bundle
{
    /// <summary>Splits a bundle into resources as JSON objects, not yet checked beyond their being objects. Scalars keep YAML 1.2 core types.</summary>
    public static BundleResult Parse(string text) => throw new NotSupportedException();
}

/// <summary>The resources of a bundle, or where it cannot be read (with line and column).</summary>
public sealed record BundleResult(ImmutableArray<byte[]> Resources, ImmutableArray<FieldError> Errors);
