using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>Which revision of a workspace is active.</summary>
/// <param name="Term">Grows with every activation of the catalog that takes over; (term, revision) never falls.</param>
/// <param name="Revision">0 before the first publish.</param>
/// <param name="Hash">SHA-256 of the revision's canonical form, lower-case hex; empty for revision 0.</param>
[GenerateSerializer, Immutable, Alias("sluice.head")]
public sealed record Head([property: Id(0)] long Term, [property: Id(1)] long Revision, [property: Id(2)] string Hash);

/// <summary>One declared resource in canonical JSON, as it is stored, hashed and sent.</summary>
/// <param name="Kind">As written in bundles: <c>Route</c>, <c>Model</c> …</param>
/// <param name="Name">Unique within the kind.</param>
/// <param name="Json">Canonical JSON, UTF-8, with <c>kind</c> and <c>name</c>.</param>
/// <param name="Hash">SHA-256 of <paramref name="Json"/>, lower-case hex: who owns a resource is no part of what it says.</param>
/// <param name="Owner">The way in that it belongs to, as in <see cref="Owners"/>; null: the API. See docs/decisions/0015.</param>
[GenerateSerializer, Immutable, Alias("sluice.resource-body")]
public sealed record ResourceBody(
    [property: Id(0)] string Kind, [property: Id(1)] string Name, [property: Id(2)] byte[] Json, [property: Id(3)] string Hash, [property: Id(4)] string? Owner = null);

/// <summary>Names a resource.</summary>
[GenerateSerializer, Immutable, Alias("sluice.resource-key")]
public readonly record struct ResourceKey([property: Id(0)] string Kind, [property: Id(1)] string Name)
{
    public override string ToString() => $"{Kind}/{Name}";
}

/// <summary>What is told of a revision in lists.</summary>
[GenerateSerializer, Immutable, Alias("sluice.revision-info")]
public sealed record RevisionSummary(
    [property: Id(0)] long Number,
    [property: Id(1)] string Hash,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] Author Author,
    [property: Id(4)] string? Reason,
    [property: Id(5)] int ResourceCount,
    [property: Id(6)] ImmutableArray<ResourceChange> Changes,
    [property: Id(7)] long? RollbackOf);

/// <summary>A complete revision.</summary>
/// <param name="Info">Who, when, why and what changed.</param>
/// <param name="Resources">All resources, ordered by kind, then name (ordinal).</param>
/// <param name="Pruned">True: the resources were let go by retention, and <paramref name="Resources"/> is empty.</param>
[GenerateSerializer, Immutable, Alias("sluice.revision")]
public sealed record Revision([property: Id(0)] RevisionSummary Info, [property: Id(1)] ImmutableArray<ResourceBody> Resources, [property: Id(2)] bool Pruned = false);

/// <summary>How one resource differs between two revisions.</summary>
public enum ChangeType
{
    Added,
    Changed,
    Removed,
}

/// <summary>One resource that differs between two revisions.</summary>
/// <param name="OwnerBefore">Where another way in took the resource over: whose it was; else null.</param>
/// <param name="OwnerAfter">Where another way in took the resource over: whose it is; else null.</param>
[GenerateSerializer, Immutable, Alias("sluice.resource-change")]
public sealed record ResourceChange(
    [property: Id(0)] ChangeType Type,
    [property: Id(1)] string Kind,
    [property: Id(2)] string Name,
    [property: Id(3)] string? OwnerBefore = null,
    [property: Id(4)] string? OwnerAfter = null);

/// <summary>A resource that belongs to another way in than the one that would change it.</summary>
/// <param name="Owner">Whose it is.</param>
[GenerateSerializer, Immutable, Alias("sluice.owned-resource")]
public sealed record OwnedResource([property: Id(0)] string Kind, [property: Id(1)] string Name, [property: Id(2)] string Owner);

/// <summary>A change set.</summary>
/// <param name="Put">Resources to add or replace, each a JSON object with kind and name; any order, not yet canonical.</param>
/// <param name="Delete">Resources to remove; one that is absent is an error.</param>
/// <param name="Prune">True: what <paramref name="Put"/> does not name is removed; by a source, of that only what is its own.</param>
/// <param name="IfMatch">The revision that the caller saw; another active one is a conflict. Null: whatever is active.</param>
/// <param name="DryRun">True: check and answer the differences, change nothing.</param>
/// <param name="PublishId">By which a publish whose answer was lost is known again when it is sent once more; null: each one is a new one.</param>
/// <param name="Wait">False: answer after the commit, without waiting for the edges.</param>
/// <param name="Owner">The way in that asks, as in <see cref="Owners"/>; null: the API. What it adds and changes is its own from then on.</param>
/// <param name="TakeOver">True: what is named, and what is removed, is taken from other owners; false: that is refused.</param>
[GenerateSerializer, Immutable, Alias("sluice.publish-request")]
public sealed record PublishRequest(
    [property: Id(0)] ImmutableArray<byte[]> Put,
    [property: Id(1)] ImmutableArray<ResourceKey> Delete,
    [property: Id(2)] bool Prune,
    [property: Id(3)] long? IfMatch,
    [property: Id(4)] bool DryRun,
    [property: Id(5)] Author Author,
    [property: Id(6)] string? Reason,
    [property: Id(7)] string? PublishId = null,
    [property: Id(8)] bool Wait = true,
    [property: Id(9)] string? Owner = null,
    [property: Id(10)] bool TakeOver = false);

/// <summary>Something wrong in a resource: where, what, and what would be right.</summary>
/// <param name="Path">For example <c>Route/checkout: split[0].weight</c>.</param>
[GenerateSerializer, Immutable, Alias("sluice.field-error")]
public sealed record FieldError([property: Id(0)] string Path, [property: Id(1)] string Message);

/// <summary>What became of a publish: one of the records nested here.</summary>
[GenerateSerializer, Immutable, Alias("sluice.publish-outcome")]
public abstract record PublishOutcome
{
    private PublishOutcome()
    {
    }

    /// <summary>A new revision is active and durable.</summary>
    /// <param name="Head">The new head.</param>
    /// <param name="Changes">What differs from the one before.</param>
    /// <param name="Phases">Time of each phase (<c>check</c>, <c>store</c>, <c>prepare</c>, in strict workspaces <c>hold</c>, <c>commit</c>, <c>barrier</c>).</param>
    /// <param name="Barrier">How the edges took it up.</param>
    /// <param name="Warnings">What is to be looked at, such as a certificate that ends soon; default: nothing.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.published")]
    public sealed record Published(
        [property: Id(0)] Head Head,
        [property: Id(1)] ImmutableArray<ResourceChange> Changes,
        [property: Id(2)] ImmutableDictionary<string, TimeSpan> Phases,
        [property: Id(3)] BarrierReport Barrier,
        [property: Id(4)] ImmutableArray<FieldError> Warnings = default) : PublishOutcome;

    /// <summary>The change set changes nothing, or was published before under its id: no revision was made, and the edges are where they should be.</summary>
    /// <param name="Head">What is active.</param>
    /// <param name="Barrier">How the edges took it up.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.unchanged")]
    public sealed record Unchanged([property: Id(0)] Head Head, [property: Id(1)] BarrierReport Barrier) : PublishOutcome;

    /// <summary>An edge cannot run the candidate: nothing was activated anywhere, and the same body is not taken again.</summary>
    /// <param name="Hash">The candidate's hash.</param>
    /// <param name="Edge">The edge that refused; empty where it did at an earlier publish.</param>
    /// <param name="Refusal">Why.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.refused")]
    public sealed record Refused(
        [property: Id(0)] string Hash, [property: Id(1)] string Edge, [property: Id(2)] EdgeRefusal Refusal) : PublishOutcome;

    /// <summary>The workspace is strict, and not every edge could be brought to hold its requests for the commit: nothing was activated, and it may be tried again.</summary>
    /// <param name="Edges">The edges that do not hold, where they are known.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.unheld")]
    public sealed record Unheld([property: Id(0)] ImmutableArray<string> Edges) : PublishOutcome;

    /// <summary>A dry run that would succeed.</summary>
    /// <param name="Warnings">As with <see cref="Published"/>.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.checked")]
    public sealed record Checked(
        [property: Id(0)] Head Head,
        [property: Id(1)] string Hash,
        [property: Id(2)] ImmutableArray<ResourceChange> Changes,
        [property: Id(3)] ImmutableArray<FieldError> Warnings = default) : PublishOutcome;

    /// <summary>All that is wrong with the candidate.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.invalid")]
    public sealed record Invalid([property: Id(0)] ImmutableArray<FieldError> Errors) : PublishOutcome;

    /// <summary>Another change came first.</summary>
    /// <param name="Head">What is active.</param>
    /// <param name="Differing">The resources that differ between the caller's revision and the active one.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.conflict")]
    public sealed record Conflict(
        [property: Id(0)] Head Head, [property: Id(1)] ImmutableArray<ResourceChange> Differing) : PublishOutcome;

    /// <summary>The change would overwrite or remove what belongs to other ways in.</summary>
    /// <param name="Resources">Each of them, with its owner.</param>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.owned")]
    public sealed record OwnedByOthers([property: Id(0)] ImmutableArray<OwnedResource> Resources) : PublishOutcome;

    /// <summary>A rollback to a revision that does not exist.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.unknown")]
    public sealed record UnknownRevision([property: Id(0)] long Number) : PublishOutcome;

    /// <summary>A rollback to a revision whose resources retention let go.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.publish-outcome.pruned")]
    public sealed record PrunedRevision([property: Id(0)] long Number) : PublishOutcome;
}
