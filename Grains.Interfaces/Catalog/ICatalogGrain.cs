using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>
/// The revisions of one workspace; its key is the workspace's name. It promises: revisions are immutable, complete, validated and
/// numbered 1, 2, 3 … without gaps; what it answered as published is durable; a change applies whole or not at all.
/// Reads never wait for a publish. A change throws <see cref="CatalogMovedException"/> where its outcome is not known.
/// The protocol is described in docs/reload.md.
/// </summary>
[Alias("sluice.catalog")]
public interface ICatalogGrain : IEdgeCatalogGrain
{
    /// <summary>
    /// Applies a change set to the active revision, validates the whole, has it prepared by the edges and makes it active. When this returns, no edge admits a request
    /// under an older revision without saying that it may be stale, unless the caller did not want to wait.
    /// </summary>
    [Alias("publish"), ResponseTimeout("00:02:00")]
    Task<PublishOutcome> PublishAsync(PublishRequest request);

    /// <summary>Publishes the body of an earlier revision as a new one, by the same way. What it changes becomes the API's; what another way in owns is changed only with <paramref name="takeOver"/>.</summary>
    [Alias("rollback"), ResponseTimeout("00:02:00")]
    Task<PublishOutcome> RollbackAsync(long to, long? ifMatch, Author author, string? reason, bool takeOver = false);

    /// <summary>Entries of the audit chain from a number on, oldest first; at most <paramref name="limit"/> (1 to 1,000).</summary>
    [Alias("audit"), AlwaysInterleave]
    Task<IReadOnlyList<AuditEntry>> GetAuditAsync(long from, int limit);

    /// <summary>Walks along the whole audit chain and says where it is broken.</summary>
    [Alias("verify-audit"), AlwaysInterleave, ResponseTimeout("00:02:00")]
    Task<AuditReport> VerifyAuditAsync();

    /// <summary>One resource of the active revision, or null.</summary>
    [Alias("resource"), AlwaysInterleave]
    Task<ResourceBody?> GetResourceAsync(string kind, string name);

    /// <summary>All resources of a kind in the active revision.</summary>
    [Alias("resources"), AlwaysInterleave]
    Task<ImmutableArray<ResourceBody>> GetResourcesAsync(string kind);

    /// <summary>Revisions without their bodies, newest first, below <paramref name="before"/>; at most <paramref name="limit"/> (1 to 1,000).</summary>
    [Alias("history"), AlwaysInterleave]
    Task<IReadOnlyList<RevisionSummary>> GetHistoryAsync(long? before, int limit);
}

/// <summary>What an edge may ask of a <see cref="ICatalogGrain"/>.</summary>
[EdgeCallable, Alias("sluice.catalog-edge")]
public interface IEdgeCatalogGrain : IGrainWithStringKey
{
    /// <summary>The active revision. Revision 0 with an empty hash before the first publish.</summary>
    [Alias("head"), AlwaysInterleave]
    Task<Head> GetHeadAsync();

    /// <summary>One revision with its whole body, or null where there is none of that number.</summary>
    [Alias("revision"), AlwaysInterleave]
    Task<Revision?> GetRevisionAsync(long number);

    /// <summary>A revision with this number and hash, committed or only stored; null where there is none.</summary>
    [Alias("body"), AlwaysInterleave]
    Task<Revision?> FindBodyAsync(long number, string hash);

    /// <summary>What makes one revision of another; null where either is not there, or nearly all differs.</summary>
    /// <param name="number">The wanted one's number.</param>
    /// <param name="hash">The wanted one's hash.</param>
    /// <param name="basisNumber">The number of the one that the edge has.</param>
    /// <param name="basisHash">The hash of the one that the edge has.</param>
    [Alias("delta"), AlwaysInterleave]
    Task<RevisionDelta?> FindDeltaAsync(long number, string hash, long basisNumber, string basisHash);
}
