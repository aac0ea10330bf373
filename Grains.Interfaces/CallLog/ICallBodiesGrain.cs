using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.CallLog;

/// <summary>
/// The bodies of a tenant's calls; key: <c>workspace|tenant</c>. It promises: they rest sealed under a key of this tenant alone, so that with that key all are gone, wherever copies of the files are;
/// none is kept longer than its days unless it is held, and what is held is let go by nobody; who reads, erases, holds or releases is written down before he is answered. See docs/calls.md.
/// </summary>
[Alias("sluice.call-bodies")]
public interface ICallBodiesGrain : IEdgeCallBodiesGrain
{
    /// <summary>The bodies of a call; null: none are kept.</summary>
    [Alias("read")]
    Task<CallBody?> ReadAsync(string request, Author author);

    /// <summary>The bodies of some calls, for an export; what is larger than a message bears is asked for again.</summary>
    /// <param name="requests">Of these calls, a hundred at most.</param>
    /// <param name="author">For whom.</param>
    /// <param name="export">Which export it is, and of what: it is written down once.</param>
    [Alias("export"), ResponseTimeout("00:02:00")]
    Task<ExportedBodies> ExportAsync(ImmutableArray<string> requests, Author author, string export);

    /// <summary>Lets bodies go that are not held: of one call, of a user, of a time.</summary>
    /// <param name="request">Of this call; null: of any.</param>
    /// <param name="user">Of this user; null: of any.</param>
    /// <param name="from">That came then or later.</param>
    /// <param name="to">That came then or earlier.</param>
    /// <param name="author">By whose wish.</param>
    [Alias("let-go"), ResponseTimeout("00:02:00")]
    Task<BodiesErased> EraseAsync(string? request, string? user, DateTimeOffset from, DateTimeOffset to, Author author);

    /// <summary>Lets all go that is not held, together with the key: what is held is sealed under a new one.</summary>
    [Alias("let-all-go"), ResponseTimeout("00:02:00")]
    Task<BodiesErased> EraseAllAsync(Author author);

    /// <summary>Holds bodies of a call, of a user, or of all; null: there are as many holds as are kept.</summary>
    [Alias("hold")]
    Task<BodyHold?> HoldAsync(string? request, string? user, string why, DateTimeOffset? until, Author author);

    /// <summary>Ends a hold; false: there is none of this id.</summary>
    [Alias("release")]
    Task<bool> ReleaseAsync(string id, string why, Author author);

    /// <summary>What a hold keeps; null: there is none of this id.</summary>
    /// <param name="id">The hold's.</param>
    /// <param name="after">The last call that was told before; null: from the oldest.</param>
    [Alias("held"), ResponseTimeout("00:02:00")]
    Task<HeldCalls?> FindHeldAsync(string id, string? after);

    /// <summary>What is kept.</summary>
    [Alias("summary")]
    Task<BodiesSummary> SummaryAsync();

    /// <summary>Lets go what is old.</summary>
    [Alias("upkeep")]
    Task UpkeepAsync();
}

/// <summary>What an edge may ask of an <see cref="ICallBodiesGrain"/>.</summary>
[EdgeCallable, Alias("sluice.call-bodies-edge")]
public interface IEdgeCallBodiesGrain : IGrainWithStringKey
{
    /// <summary>Keeps bodies, and answers when they rest; false: as many are kept as may be. A call that is there already is there once.</summary>
    [Alias("append")]
    Task<bool> AppendAsync(ImmutableArray<CallBody> bodies);
}

/// <summary>Which tenants of a workspace have bodies; key: the workspace. It sees to it that old ones are let go.</summary>
[Alias("sluice.call-body-tenants")]
public interface ICallBodyTenantsGrain : IGrainWithStringKey
{
    /// <summary>A tenant has some.</summary>
    [Alias("add")]
    Task AddAsync(string tenant);

    /// <summary>Goes on with what is due.</summary>
    [Alias("upkeep")]
    Task UpkeepAsync();
}
