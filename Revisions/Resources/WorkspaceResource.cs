namespace Sluice.Revisions.Resources;

/// <summary>What a workspace chooses for itself. There is at most one, of the workspace's name.</summary>
/// <param name="Strict">Whether the revision is a linearizable register: once a client has seen a revision, no request that comes later is admitted under an older one.</param>
/// <param name="WhenUnreachable">What an edge without a lease does; closed where <paramref name="Strict"/>.</param>
/// <param name="MaxStale">For how long it serves on without a lease; null: as long as it takes.</param>
public sealed record WorkspaceResource(string Name, bool Strict, WithoutLease WhenUnreachable, TimeSpan? MaxStale) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Workspace";

    /// <summary>A day.</summary>
    public static readonly TimeSpan DefaultIdempotencyWindow = TimeSpan.FromDays(1);

    /// <summary>What holds where nothing is declared.</summary>
    public static WorkspaceResource Undeclared { get; } = new("", Strict: false, WithoutLease.Static, MaxStale: null);

    /// <summary>For how long a repeat with the same <c>Idempotency-Key</c> gets the same answer.</summary>
    public TimeSpan IdempotencyWindow { get; init; } = DefaultIdempotencyWindow;

    public override string Kind => KindName;
}

/// <summary>Without a lease: <c>static</c> (default) serves the last known revision on, marked as stale; <c>closed</c> admits nothing.</summary>
public enum WithoutLease
{
    Static,
    Closed,
}
