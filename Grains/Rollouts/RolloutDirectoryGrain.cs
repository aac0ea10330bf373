using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>What is stored of a workspace's rollouts.</summary>
/// <param name="All">The oldest first.</param>
/// <param name="Watched">What edges count now.</param>
internal sealed record StoredDirectoryOfRollouts(ImmutableArray<ListedRollout> All, ImmutableArray<WatchedSplit> Watched)
{
    public StoredDirectoryOfRollouts()
        : this([], [])
    {
    }
}

/// <summary>The rollouts of a workspace. It calls no other grain, so that rollouts may wait for it.</summary>
[GrainType("rollout-directory")]
internal sealed class RolloutDirectoryGrain : Grain, IRolloutDirectoryGrain
{
    private const int MostEnded = 100;

    private readonly Durable<StoredDirectoryOfRollouts> _state;

    public RolloutDirectoryGrain([PersistentState("rollouts")] IPersistentState<StoredDirectoryOfRollouts> state) => _state = new(this, state);

    public async Task<string?> ClaimAsync(string name, SplitKind kind, string resource)
    {
        var all = _state.Value.All;
        var mine = new ListedRollout(name, kind, resource, Runs: true);
        if (all.Contains(mine))
        {
            // Claimed before by the same rollout, whose silo was lost before it was stored.
            return null;
        }

        if (all.FirstOrDefault(r => Is(r.Name, name) || (r.Runs && r.Kind == kind && Is(r.Resource, resource))) is { } other)
        {
            return other.Name;
        }

        var ended = all.Count(r => !r.Runs);
        await _state.WriteAsync(_state.Value with { All = [.. (ended > MostEnded ? all.Remove(all.First(r => !r.Runs)) : all), mine] });
        return null;
    }

    public Task WatchAsync(WatchedSplit split) => _state.Value.Watched.Contains(split)
        ? Task.CompletedTask
        : _state.WriteAsync(_state.Value with { Watched = [.. _state.Value.Watched.Where(w => !Is(w.Rollout, split.Rollout)), split] });

    public async Task EndAsync(string name, bool keep)
    {
        if (_state.Value.All.FirstOrDefault(r => r.Runs && Is(r.Name, name)) is { } listed)
        {
            await _state.WriteAsync(new StoredDirectoryOfRollouts(
                keep ? _state.Value.All.Replace(listed, listed with { Runs = false }) : _state.Value.All.Remove(listed),
                [.. _state.Value.Watched.Where(w => !Is(w.Rollout, name))]));
        }
    }

    public Task<ImmutableArray<ListedRollout>> ListAsync() => Task.FromResult<ImmutableArray<ListedRollout>>([.. _state.Value.All.Reverse()]);

    public Task<ImmutableArray<WatchedSplit>> GetWatchedAsync() => Task.FromResult(_state.Value.Watched);

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.Ordinal);
}
