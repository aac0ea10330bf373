using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Deferred;

namespace Sluice.Grains.Deferred;

/// <summary>What is stored of the works that a tenant is told of.</summary>
/// <param name="All">The oldest first.</param>
internal sealed record StoredListing(ImmutableArray<ListedWork> All)
{
    public StoredListing()
        : this([])
    {
    }

    /// <summary>One, or null.</summary>
    public ListedWork? Find(string provider, string place) => All.FirstOrDefault(w => Is(w.Place, place) && Is(w.Provider, provider));

    /// <summary>With one more, at most <see cref="IDeferredGrain.MostListed"/>; one that is there stays where it is.</summary>
    public StoredListing With(ListedWork listed)
    {
        var all = Find(listed.Provider, listed.Place) is { } before ? All.Replace(before, listed) : All.Add(listed);
        return new StoredListing(all.Length > IDeferredGrain.MostListed ? all[^IDeferredGrain.MostListed..] : all);
    }

    /// <summary>A page, the newest first.</summary>
    public ListedPage List(string? after, int limit)
    {
        var last = after is null ? All.Length : All.IndexOf(All.FirstOrDefault(w => Is(w.Id, after))!);
        if (last < 0)
        {
            return new ListedPage([], HasMore: false, IsFound: false);
        }

        var first = Math.Max(0, last - Math.Clamp(limit, 1, IDeferredGrain.MostListed));
        return new ListedPage([.. All[first..last].Reverse()], first > 0, IsFound: true);
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);
}
