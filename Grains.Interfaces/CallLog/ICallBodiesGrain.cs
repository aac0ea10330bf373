using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.CallLog;

/// <summary>
/// The bodies of a tenant's calls; key: <c>workspace|tenant</c>. It promises: they rest sealed under a key of this tenant alone, so that with that key all are gone, wherever copies of the files are;
/// none is kept longer than its days; who reads or erases is written down before he is answered. See docs/calls.md.
/// </summary>
[Alias("sluice.call-bodies")]
public interface ICallBodiesGrain : IEdgeCallBodiesGrain
{
    /// <summary>The bodies of a call; null: none are kept.</summary>
    [Alias("read")]
    Task<CallBody?> ReadAsync(string request, Author author);

    /// <summary>Lets bodies go: of one call, of a user, of a time; returns of how many calls.</summary>
    /// <param name="request">Of this call; null: of any.</param>
    /// <param name="user">Of this user; null: of any.</param>
    /// <param name="from">That came then or later.</param>
    /// <param name="to">That came then or earlier.</param>
    /// <param name="author">By whose wish.</param>
    [Alias("erase")]
    Task<int> EraseAsync(string? request, string? user, DateTimeOffset from, DateTimeOffset to, Author author);

    /// <summary>Lets all go, and the key first; returns of how many calls.</summary>
    [Alias("erase-all")]
    Task<int> EraseAllAsync(Author author);

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
