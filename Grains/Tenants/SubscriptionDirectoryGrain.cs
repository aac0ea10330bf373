using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Grains.Tenants;

/// <summary>What is stored of the directory of subscriptions: their ids.</summary>
/// <param name="Ids">All.</param>
/// <param name="Open">Those that somebody has to decide on.</param>
internal sealed record StoredSubscriptionDirectory(ImmutableSortedSet<string> Ids, ImmutableSortedSet<string> Open)
{
    public StoredSubscriptionDirectory()
        : this(ImmutableSortedSet.Create<string>(StringComparer.Ordinal), ImmutableSortedSet.Create<string>(StringComparer.Ordinal))
    {
    }
}

/// <summary>Whose subscriptions there are in a workspace.</summary>
[GrainType("subscription-directory")]
internal sealed class SubscriptionDirectoryGrain : Grain, ISubscriptionDirectoryGrain
{
    private readonly Durable<StoredSubscriptionDirectory> _directory;

    public SubscriptionDirectoryGrain([PersistentState("subscription-directory")] IPersistentState<StoredSubscriptionDirectory> directory) => _directory = new(this, directory);

    public async Task PutAsync(string id, bool isOpen)
    {
        var (ids, open) = Ordered();
        var next = new StoredSubscriptionDirectory(ids.Add(id), isOpen ? open.Add(id) : open.Remove(id));
        if (next.Ids.Count != ids.Count || next.Open.Count != open.Count)
        {
            await _directory.WriteAsync(next);
        }
    }

    public Task<ImmutableArray<string>> ListAsync(string? after, int limit, bool onlyOpen, string? product)
    {
        var (ids, open) = Ordered();
        return Task.FromResult<ImmutableArray<string>>(
        [
            .. (onlyOpen ? open : ids)
                .Where(id => string.CompareOrdinal(id, after) > 0 && (product is null || string.Equals(Subscription.Split(id)?.Product, product, StringComparison.Ordinal)))
                .Take(Math.Clamp(limit, 1, 1000)),
        ]);
    }

    // Read back from storage, sets have the default order: they are put into ours each time.
    private (ImmutableSortedSet<string> Ids, ImmutableSortedSet<string> Open) Ordered() =>
        (_directory.Value.Ids.WithComparer(StringComparer.Ordinal), _directory.Value.Open.WithComparer(StringComparer.Ordinal));
}
