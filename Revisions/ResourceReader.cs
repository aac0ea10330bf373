using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Reads resources from JSON and checks each field. All that is wrong comes back at once; nothing is ever thrown for what a caller wrote.</summary>
public static class ResourceReader
{
    /// <summary>Reads what a caller wrote and brings it to canonical form.</summary>
    public static ReadResult Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}

/// <summary>One read resource, or what is wrong with it.</summary>
/// <param name="Body">Canonical form; null where there are errors.</param>
/// <param name="Resource">The typed form; null where there are errors.</param>
/// <param name="Errors">Empty where all is right.</param>
public sealed record ReadResult(ResourceBody? Body, Resource? Resource, ImmutableArray<FieldError> Errors);
