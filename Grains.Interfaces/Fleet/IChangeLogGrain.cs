using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Fleet;

/// <summary>
/// The changes of one workspace in their order; its key is the workspace's name. It promises: what <see cref="AppendAsync"/> answered is
/// durable and has a number of its own, one greater than the last; each change is then sent on the workspace's stream, where it may be lost,
/// doubled or late. Whoever missed some asks <see cref="IEdgeChangeLogGrain.SinceAsync"/>.
/// </summary>
[Alias("sluice.change-log")]
public interface IChangeLogGrain : IEdgeChangeLogGrain
{
    /// <summary>Stores a change, sends it on the stream, and answers its number.</summary>
    [Alias("append")]
    Task<long> AppendAsync(NewChange change);

    /// <summary>The number of the last change; 0 before the first.</summary>
    [Alias("last")]
    Task<long> GetLastAsync();
}

/// <summary>What an edge may ask of an <see cref="IChangeLogGrain"/>.</summary>
[EdgeCallable, Alias("sluice.change-log-edge")]
public interface IEdgeChangeLogGrain : IGrainWithStringKey
{
    /// <summary>Changes with numbers greater than <paramref name="after"/>, oldest first, at most <paramref name="limit"/>.</summary>
    [Alias("since")]
    Task<ChangePage> SinceAsync(long after, int limit);
}

/// <summary>The Orleans stream on which changes of a workspace are sent; its key is the workspace's name.</summary>
public static class ChangeStream
{
    /// <summary>Name of the stream provider, on silos and on clients.</summary>
    public const string Provider = "changes";

    /// <summary>Namespace of the stream.</summary>
    public const string Namespace = "sluice.changes";
}

/// <summary>What changes are about; the wire form is the kebab-case name.</summary>
public enum ChangeKind
{
    /// <summary>A new revision is active; <see cref="Change.Subject"/> is its number.</summary>
    RevisionActivated,

    /// <summary>A key was made; the subject is <c>tenant/keyId</c>.</summary>
    KeyCreated,

    /// <summary>A key was revoked, expires sooner or changed; the subject is <c>tenant/keyId</c>.</summary>
    KeyChanged,

    /// <summary>A tenant was made; the subject is its name.</summary>
    TenantCreated,

    /// <summary>A tenant was suspended, resumed or ended; the subject is its name. All that is known of its keys is stale.</summary>
    TenantChanged,

    /// <summary>An edge registered; the subject is its id.</summary>
    EdgeJoined,

    /// <summary>An edge left or its lease ended; the subject is its id.</summary>
    EdgeLeft,

    /// <summary>A budget refused to lend for the first time in its window; the subject is <c>budget/subject</c>.</summary>
    BudgetExhausted,

    /// <summary>A rollout began, came to another step or ended; the subject is <c>name/what</c>, such as <c>checkout-v2/step-2</c>.</summary>
    Rollout,

    /// <summary>A watched folder or Git source was applied, or something is wrong with it; the subject is its name as an owner, <c>folder:base</c>.</summary>
    SourceChanged,

    /// <summary>A share of a budget that its declaration names is spent, for the first time in its window; the subject is <c>budget/subject/80%</c>.</summary>
    BudgetWarning,

    /// <summary>Somebody added to a budget's window; the subject is <c>budget/subject/amount</c>, in the budget's unit.</summary>
    BudgetToppedUp,

    /// <summary>Somebody closed the lease of a lost edge; the subject is <c>budget/subject/lease/amount</c> with what was posted.</summary>
    LeaseResolved,

    /// <summary>Something that a webhook was to be told is given up; the subject is <c>webhook/id</c>, with the id that was sent.</summary>
    WebhookFailed,

    /// <summary>A tenant asked for a product; the subject is <c>tenant/product</c>, as it is for the three that follow.</summary>
    SubscriptionRequested,

    /// <summary>A tenant may call what a product has.</summary>
    SubscriptionApproved,

    /// <summary>A tenant asked for a product in vain.</summary>
    SubscriptionRejected,

    /// <summary>A tenant may not call any more what a product has.</summary>
    SubscriptionWithdrawn,

    /// <summary>An alert began; the subject is its name, and behind a slash the group, <c>certificate-due/certificate=shop</c>.</summary>
    AlertFired,

    /// <summary>An alert ended.</summary>
    AlertResolved,
    /// <summary>Edges forget what a cache keeps; the subject is a <see cref="CachePurge"/>.</summary>
    CachePurged,
}

/// <summary>A change that has no number yet.</summary>
/// <param name="KeyHash">For changes of a key: the stored hash by which edges find it; else null.</param>
[GenerateSerializer, Immutable, Alias("sluice.new-change")]
public sealed record NewChange(
    [property: Id(0)] ChangeKind Kind, [property: Id(1)] string Subject, [property: Id(2)] Author Author, [property: Id(3)] string? KeyHash = null);

/// <summary>A change as it is stored and sent.</summary>
[GenerateSerializer, Immutable, Alias("sluice.change")]
public sealed record Change(
    [property: Id(0)] long Number,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] ChangeKind Kind,
    [property: Id(3)] string Subject,
    [property: Id(4)] Author Author,
    [property: Id(5)] string? KeyHash);

/// <summary>Some changes.</summary>
/// <param name="Complete">False when changes after the asked number were already let go: the asker must forget all it derived from changes.</param>
[GenerateSerializer, Immutable, Alias("sluice.change-page")]
public sealed record ChangePage(
    [property: Id(0)] ImmutableArray<Change> Changes, [property: Id(1)] long Last, [property: Id(2)] bool Complete);
