using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>What is stored of one day's publishes.</summary>
/// <param name="Day">Which day, UTC.</param>
/// <param name="Reloads">Oldest first, at most <see cref="Most"/>.</param>
/// <param name="Dropped">How many there were before them.</param>
internal sealed record StoredReloads(DateOnly Day, ImmutableArray<Reload> Reloads, long Dropped)
{
    /// <summary>So many of a day are kept.</summary>
    public const int Most = 500;

    public StoredReloads()
        : this(DateOnly.MinValue, [], 0)
    {
    }

    /// <summary>With one more; the same where it is of a day that was let go.</summary>
    public StoredReloads With(Reload reload)
    {
        var day = DateOnly.FromDateTime(reload.At.UtcDateTime);
        if (day < Day)
        {
            return this;
        }

        var before = day == Day ? this : new StoredReloads(day, [], 0);
        var all = before.Reloads.Add(reload);
        return all.Length > Most ? before with { Reloads = all.RemoveAt(0), Dropped = before.Dropped + 1 } : before with { Reloads = all };
    }
}

/// <summary>The shell around <see cref="StoredReloads"/>.</summary>
[Reentrant, GrainType("reloads")]
internal sealed class ReloadsGrain : Grain, IReloadsGrain
{
    private readonly Gathered<StoredReloads> _stored;

    public ReloadsGrain([PersistentState("reloads")] IPersistentState<StoredReloads> stored) => _stored = new Gathered<StoredReloads>(new Durable<StoredReloads>(this, stored));

    public Task AppendAsync(Reload reload) => _stored.ChangeAsync(state => state.With(reload));

    public Task<ReloadDay> GetAsync(DateOnly day) =>
        Task.FromResult(_stored.Value is var stored && stored.Day == day ? new ReloadDay(stored.Reloads, stored.Dropped) : new ReloadDay([], 0));
}
