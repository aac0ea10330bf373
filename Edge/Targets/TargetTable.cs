using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Edge.Configuration;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>
/// What this edge has seen of targets and credentials. A target is a provider's model at an address, whatever the names it serves: a revision that leaves it as it is leaves also what is
/// known of it, and what no revision has any more is forgotten.
/// </summary>
internal sealed class TargetTable(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly ConcurrentDictionary<Place, TargetState> _targets = new();
    private readonly ConcurrentDictionary<(string Provider, ulong Digest), TargetState> _credentials = new();
    private readonly ConcurrentDictionary<(string Model, Place Target), RecentCount> _asked = new();
    private readonly ConditionalWeakTable<CompiledModel, SeenTargets> _ofModels = [];
    private readonly ConditionalWeakTable<ProviderCredentials, TargetState[]> _ofCredentials = [];
    private long _retries;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Since the table was made.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Attempts that followed a failed one.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>How many targets are ejected.</summary>
    public long Ejected => _targets.Values.Count(target => target.Health.IsEjected);

    /// <summary>How many targets rest.</summary>
    public long Resting => _targets.Values.Count(target => target.Health.RestsUntil > Now);

    /// <summary>An attempt follows a failed one.</summary>
    public void CountRetry() => Interlocked.Increment(ref _retries);

    /// <summary>What is known of a model's targets.</summary>
    public SeenTargets Of(CompiledModel model, EdgeRevision revision) => _ofModels.TryGetValue(model, out var known) ? known : Create(model, revision);

    /// <summary>The states of a provider's credentials, in declared order.</summary>
    public TargetState[] Of(ProviderCredentials credentials, string provider, EdgeRevision revision) =>
        _ofCredentials.TryGetValue(credentials, out var known) ? known : _ofCredentials.GetValue(credentials, made => Create(made, provider, revision));

    private static Place PlaceOf(CompiledTarget target) => new(target.Provider.Name, target.Provider.Dialect, target.Provider.Address, target.Target.Model);

    // A digest, so that nobody finds a credential here.
    private static (string Provider, ulong Digest) KeyOf(string provider, string value) => (provider, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(value.AsSpan())));

    private SeenTargets Create(CompiledModel model, EdgeRevision revision)
    {
        var models = revision.Sides.SelectMany(side => side.Plan.Models.Values).ToArray();
        Keep(_targets, models.SelectMany(m => m.Targets).Select(PlaceOf).ToHashSet());
        Keep(_asked, models.SelectMany(m => m.Targets.Select(t => (m.Resource.Name, PlaceOf(t)))).ToHashSet());
        return _ofModels.GetValue(model, made => new SeenTargets(
            [.. made.Targets.Select(StateOf)],
            [.. made.Targets.Select(target => _asked.GetOrAdd((made.Resource.Name, PlaceOf(target)), static _ => new RecentCount()))]));
    }

    // What no revision has any more is forgotten.
    private static void Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> known, HashSet<TKey> live)
        where TKey : notnull
    {
        foreach (var key in known.Keys.Where(key => !live.Contains(key)))
        {
            known.TryRemove(key, out _);
        }
    }

    private TargetState StateOf(CompiledTarget target)
    {
        var state = _targets.GetOrAdd(PlaceOf(target), static _ => new TargetState());
        state.Health.Rules = target.Provider.Ejection;
        return state;
    }

    private TargetState[] Create(ProviderCredentials credentials, string provider, EdgeRevision revision)
    {
        Keep(_credentials, revision.Sides.SelectMany(side => side.Credentials).SelectMany(p => p.Value.Values.ToArray().Select(value => KeyOf(p.Key, value))).ToHashSet());
        return [.. credentials.Values.ToArray().Select(value => _credentials.GetOrAdd(KeyOf(provider, value), static _ => new TargetState()))];
    }

    private sealed record Place(string Provider, ProviderDialect Dialect, Uri? Address, string Model);
}

/// <summary>What an edge has seen of a model's targets, in declared order.</summary>
/// <param name="States">Of each as a target of whatever model.</param>
/// <param name="Asked">How often each was asked for this model of late.</param>
internal sealed record SeenTargets(TargetState[] States, RecentCount[] Asked);
