using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>Which days of a workspace have usage; key: the workspace. It promises: a day is known here before anything of it is stored. It also sees to it that days that are over come to rest, and old ones are let go.</summary>
[Alias("sluice.usage-days")]
public interface IUsageDaysGrain : IGrainWithStringKey
{
    /// <summary>The days, <c>yyyyMMdd</c>, oldest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<int>> ListAsync();

    /// <summary>There is usage of a day.</summary>
    [Alias("add")]
    Task AddAsync(int day);

    /// <summary>Goes on with what is due, for a bounded time.</summary>
    [Alias("upkeep")]
    Task UpkeepAsync();
}

/// <summary>Which tenants have usage on a day; key: <c>workspace|yyyyMMdd</c>. It promises: a tenant is known here before anything of its day is stored.</summary>
[Alias("sluice.usage-day")]
public interface IUsageDayGrain : IGrainWithStringKey
{
    /// <summary>The tenants' names by name, after one; a bounded number.</summary>
    [Alias("list")]
    Task<ImmutableArray<string>> ListAsync(string? after, int limit);

    /// <summary>There is usage of a tenant.</summary>
    [Alias("add")]
    Task AddAsync(string tenant);

    /// <summary>Forgets all names.</summary>
    [Alias("clear")]
    Task ClearAsync();
}
