using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>What makes one revision of another.</summary>
/// <param name="Put">Resources that are added or replaced, ordered by kind, then name.</param>
/// <param name="Removed">Resources that are gone.</param>
[GenerateSerializer, Immutable, Alias("sluice.revision-delta")]
public sealed record RevisionDelta([property: Id(0)] ImmutableArray<ResourceBody> Put, [property: Id(1)] ImmutableArray<ResourceKey> Removed);
