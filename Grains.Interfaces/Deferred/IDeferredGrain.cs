using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Grains.Interfaces.Deferred;

/// <summary>
/// What a tenant has had begun at providers and is charged once it has ended; key: <c>workspace|tenant</c>. It promises: from before a provider is asked until the work is settled, every
/// budget that binds it has lent the worst case, as a lease of the work's own; it is settled once, by the first end that is told, whatever is lost in between; and what may have been begun is
/// never given back by time. See docs/batches.md.
/// </summary>
[EdgeCallable, Alias("sluice.deferred")]
public interface IDeferredGrain : IGrainWithStringKey
{
    /// <summary>The beginning of the names of leases that works hold; the tenant's name follows. No edge is named so.</summary>
    const string HolderBeginning = "deferred-";

    /// <summary>Works of one tenant that have not ended, at most.</summary>
    const int MostOpen = 100;

    /// <summary>Works of one tenant that are listed, at most; the oldest are let go of first.</summary>
    const int MostListed = 200;

    /// <summary>Has every budget lend what the work may cost, or none. Stored when it returns.</summary>
    [Alias("hold")]
    Task<HoldAnswer> HoldAsync(DeferredWork work);

    /// <summary>A provider is about to be asked for it; false: it was given up meanwhile, and must not be asked for.</summary>
    /// <param name="id">Of the work.</param>
    /// <param name="input">What the provider knows it by from then on, should its answer be lost; empty: nothing.</param>
    [Alias("prepare")]
    Task<bool> PrepareAsync(string id, string input);

    /// <summary>The provider has begun it.</summary>
    /// <param name="id">Of the work.</param>
    /// <param name="place">The provider's id of it.</param>
    /// <param name="listed">As it is listed; null: it is not.</param>
    [Alias("start")]
    Task StartAsync(string id, string place, ListedWork? listed);

    /// <summary>The provider does not do it: what was held is free again. One that was begun, or is not there, stays as it is.</summary>
    [Alias("drop")]
    Task DropAsync(string id);

    /// <summary>It has ended: its budgets and the tenant's usage are charged, now or as soon as they can be. One that was not asked for, has ended or is not there stays as it is.</summary>
    [Alias("end")]
    Task EndAsync(string id, DeferredEnd end);

    /// <summary>What is to be looked at now, by whoever asks; each for a while by nobody else.</summary>
    [Alias("due")]
    Task<ImmutableArray<OpenWork>> DueAsync();

    /// <summary>As <see cref="DueAsync"/>, but for one that was begun, and whenever it was looked at last; null: it is not there any more.</summary>
    [Alias("open")]
    Task<OpenWork?> OpenAsync(string provider, string place);

    /// <summary>How a provider's work is listed; null: it is not.</summary>
    [Alias("find")]
    Task<ListedWork?> FindAsync(string provider, string place);

    /// <summary>Lists it as it is now.</summary>
    [Alias("show")]
    Task ShowAsync(ListedWork listed);

    /// <summary>A page of what is listed, the newest first.</summary>
    /// <param name="after">The id after which the page begins; null: at the first.</param>
    /// <param name="limit">Entries at most, from 1.</param>
    [Alias("list")]
    Task<ListedPage> ListAsync(string? after, int limit);
}

/// <summary>Which tenants have works that have not ended; key: the workspace.</summary>
[EdgeCallable, Alias("sluice.deferred-directory-edge")]
public interface IEdgeDeferredDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Their names.</summary>
    [Alias("list")]
    Task<ImmutableArray<string>> ListAsync();
}

/// <summary>The same, for those who change it.</summary>
[Alias("sluice.deferred-directory")]
public interface IDeferredDirectoryGrain : IEdgeDeferredDirectoryGrain
{
    /// <summary>A tenant is about to have such works. Stored when it returns.</summary>
    [Alias("add")]
    Task AddAsync(string tenant);

    /// <summary>A tenant has none any more.</summary>
    [Alias("remove")]
    Task RemoveAsync(string tenant);
}

/// <summary>Whether a work is held.</summary>
/// <param name="Outcome">What became of the wish.</param>
/// <param name="Level">Of the work's budgets the one that does not cover it; -1: none.</param>
/// <param name="Answer">What that one says.</param>
[GenerateSerializer, Immutable, Alias("sluice.hold-answer")]
public sealed record HoldAnswer([property: Id(0)] HoldOutcome Outcome, [property: Id(1)] int Level, [property: Id(2)] BorrowAnswer? Answer);

/// <summary>What becomes of a wish to hold.</summary>
public enum HoldOutcome
{
    /// <summary>Every budget has lent.</summary>
    Held,

    /// <summary>A budget does not cover it.</summary>
    Refused,

    /// <summary>The tenant has <see cref="IDeferredGrain.MostOpen"/> of them.</summary>
    TooMany,
}

/// <summary>A page of works.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="HasMore">Whether others follow.</param>
/// <param name="IsFound">False: there is no entry of the id after which the page was to begin.</param>
[GenerateSerializer, Immutable, Alias("sluice.listed-page")]
public sealed record ListedPage([property: Id(0)] ImmutableArray<ListedWork> Items, [property: Id(1)] bool HasMore, [property: Id(2)] bool IsFound);
