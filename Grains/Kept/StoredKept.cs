using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Kept;

namespace Sluice.Grains.Kept;

/// <summary>What is stored of a tenant's kept objects, and the rules of it. Time is given.</summary>
/// <param name="All">The oldest first.</param>
internal sealed record StoredKept(ImmutableArray<KeptObject> All)
{
    public StoredKept()
        : this([])
    {
    }

    /// <summary>With one more, at most <see cref="IKeptObjectsGrain.Most"/>.</summary>
    /// <param name="kept">It takes the place of one of the same id.</param>
    /// <param name="now">Seconds since 1970: what has expired is let go of.</param>
    public StoredKept With(KeptObject kept, long now)
    {
        var all = All.Where(o => !Is(o.Id, kept.Id) && !(o.ExpiresAt <= now)).Append(kept).ToImmutableArray();
        return new StoredKept(all.Length > IKeptObjectsGrain.Most ? all[^IKeptObjectsGrain.Most..] : all);
    }

    /// <summary>Without what a provider does not keep any more; the same where there is none.</summary>
    public StoredKept Without(string provider, string place)
    {
        var all = All.RemoveAll(o => Is(o.Place, place) && Is(o.Provider, provider));
        return all.Length == All.Length ? this : new StoredKept(all);
    }

    /// <summary>A page of what has not expired.</summary>
    public KeptPage List(KeptQuery query, long now)
    {
        var limit = Math.Clamp(query.Limit, 1, IKeptObjectsGrain.Most);
        var ordered = query.IsAscending ? All : [.. All.Reverse()];
        var from = 0;
        if (query.After is { } after)
        {
            from = 1 + ordered.IndexOf(ordered.FirstOrDefault(o => Is(o.Id, after))!);
            if (from == 0)
            {
                return new KeptPage([], HasMore: false, IsFound: false);
            }
        }

        var rest = ordered.Skip(from).Where(o => !(o.ExpiresAt <= now) && (query.Purpose is null || Is(o.Purpose, query.Purpose)));
        var page = rest.Take(limit + 1).ToImmutableArray();
        return page.Length > limit ? new KeptPage(page[..^1], HasMore: true, IsFound: true) : new KeptPage(page, HasMore: false, IsFound: true);
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);
}
