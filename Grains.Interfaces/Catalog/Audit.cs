using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>One entry of the audit chain: a revision that was published, and how it is bound to the one before.</summary>
/// <param name="Info">Who, when, from where, why and what changed.</param>
/// <param name="Previous">The hash of the entry before; empty for the first.</param>
/// <param name="Hash">The entry's hash, over <paramref name="Previous"/> and all of <paramref name="Info"/>.</param>
[GenerateSerializer, Immutable, Alias("sluice.audit-entry")]
public sealed record AuditEntry([property: Id(0)] RevisionSummary Info, [property: Id(1)] string Previous, [property: Id(2)] string Hash);

/// <summary>What a walk along the whole chain found.</summary>
/// <param name="Entries">How many entries there are.</param>
/// <param name="Head">The hash that the head's row holds: keep it elsewhere to prove later that nothing was taken away.</param>
/// <param name="Faults">Each entry that does not fit; empty: the chain is whole.</param>
[GenerateSerializer, Immutable, Alias("sluice.audit-report")]
public sealed record AuditReport([property: Id(0)] long Entries, [property: Id(1)] string Head, [property: Id(2)] ImmutableArray<string> Faults);
