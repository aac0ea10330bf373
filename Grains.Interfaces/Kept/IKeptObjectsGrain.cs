using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Kept;

/// <summary>
/// What providers keep for a tenant, as far as it is listed; key: <c>workspace|tenant</c>. It promises: what was added is listed until it is removed or <see cref="Most"/> later ones were
/// added, to this tenant alone. An entry gives no access: what is kept is reached by its id. See docs/files.md.
/// </summary>
[EdgeCallable, Alias("sluice.kept-objects")]
public interface IKeptObjectsGrain : IGrainWithStringKey
{
    /// <summary>Entries at most; the oldest are let go of first.</summary>
    const int Most = 1_000;

    /// <summary>Adds an entry; one of the same id takes the other's place. Stored when it returns.</summary>
    [Alias("add")]
    Task AddAsync(KeptObject kept);

    /// <summary>Removes an entry; one that is not there changes nothing. Stored when it returns.</summary>
    /// <param name="provider">Where it is kept.</param>
    /// <param name="place">Its id there.</param>
    [Alias("remove")]
    Task RemoveAsync(string provider, string place);

    /// <summary>A page of the entries.</summary>
    [Alias("list")]
    Task<KeptPage> ListAsync(KeptQuery query);
}

/// <summary>Something that a provider keeps.</summary>
/// <param name="Id">As the client is told: sealed.</param>
/// <param name="Provider">Where it is kept.</param>
/// <param name="Place">Its id there.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="CreatedAt">Seconds since 1970.</param>
/// <param name="ExpiresAt">Seconds since 1970; null: never.</param>
/// <param name="Name">Of the file.</param>
/// <param name="Purpose">As the client gave it.</param>
[GenerateSerializer, Immutable, Alias("sluice.kept-object")]
public sealed record KeptObject(
    [property: Id(0)] string Id,
    [property: Id(1)] string Provider,
    [property: Id(2)] string Place,
    [property: Id(3)] long Bytes,
    [property: Id(4)] long CreatedAt,
    [property: Id(5)] long? ExpiresAt,
    [property: Id(6)] string Name,
    [property: Id(7)] string Purpose);

/// <summary>Which entries are asked for.</summary>
/// <param name="After">The id after which the page begins; null: at the first.</param>
/// <param name="Limit">Entries at most, from 1.</param>
/// <param name="IsAscending">The oldest first; else the newest.</param>
/// <param name="Purpose">Of this purpose only; null: of any.</param>
[GenerateSerializer, Immutable, Alias("sluice.kept-query")]
public sealed record KeptQuery([property: Id(0)] string? After, [property: Id(1)] int Limit, [property: Id(2)] bool IsAscending, [property: Id(3)] string? Purpose);

/// <summary>A page of entries.</summary>
/// <param name="Items">In the order that was asked for.</param>
/// <param name="HasMore">Whether others follow.</param>
/// <param name="IsFound">False: there is no entry of the id after which the page was to begin.</param>
[GenerateSerializer, Immutable, Alias("sluice.kept-page")]
public sealed record KeptPage([property: Id(0)] ImmutableArray<KeptObject> Items, [property: Id(1)] bool HasMore, [property: Id(2)] bool IsFound);
