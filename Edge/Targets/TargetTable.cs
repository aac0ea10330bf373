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
    private readonly ConditionalWeakTable<CompiledModel, TargetState[]> _ofModels = [];
    private readonly ConditionalWeakTable<CompiledModel, RecentCount[]> _askedOfModels = [];
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

    /// <summary>The states of a model's targets, in declared order.</summary>
    public TargetState[] Of(CompiledModel model, EdgeRevision revision) =>
        _ofModels.TryGetValue(model, out var known) ? known : _ofModels.GetValue(model, made => Create(made, revision));

    /// <summary>How often a model's targets were asked for it of late, in declared order.</summary>
    public RecentCount[] AskedOf(CompiledModel model, EdgeRevision revision) =>
        _askedOfModels.TryGetValue(model, out var known) ? known : _askedOfModels.GetValue(model, made => CreateAsked(made, revision));

    /// <summary>The states of a provider's credentials, in declared order.</summary>
    public TargetState[] Of(ProviderCredentials credentials, string provider, EdgeRevision revision) =>
        _ofCredentials.TryGetValue(credentials, out var known) ? known : _ofCredentials.GetValue(credentials, made => Create(made, provider, revision));

    private static Place PlaceOf(CompiledTarget target) => new(target.Provider.Name, target.Provider.Dialect, target.Provider.Address, target.Target.Model);

    // A digest, so that nobody finds a credential here.
    private static (string Provider, ulong Digest) KeyOf(string provider, string value) => (provider, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(value.AsSpan())));

    private TargetState[] Create(CompiledModel model, EdgeRevision revision)
    {
        var live = ModelsOf(revision).SelectMany(m => m.Targets).Select(PlaceOf).ToHashSet();
        foreach (var place in _targets.Keys.Where(place => !live.Contains(place)))
        {
            _targets.TryRemove(place, out _);
        }

        return [.. model.Targets.Select(StateOf)];
    }

    private static IEnumerable<CompiledModel> ModelsOf(EdgeRevision revision) => revision.Sides.SelectMany(side => side.Plan.Models.Values);

    private RecentCount[] CreateAsked(CompiledModel model, EdgeRevision revision)
    {
        var live = ModelsOf(revision).SelectMany(m => m.Targets.Select(t => (m.Resource.Name, PlaceOf(t)))).ToHashSet();
        foreach (var key in _asked.Keys.Where(key => !live.Contains(key)))
        {
            _asked.TryRemove(key, out _);
        }

        return [.. model.Targets.Select(target => _asked.GetOrAdd((model.Resource.Name, PlaceOf(target)), static _ => new RecentCount()))];
    }

    private TargetState StateOf(CompiledTarget target)
    {
        var state = _targets.GetOrAdd(PlaceOf(target), static _ => new TargetState());
        state.Health.Rules = target.Provider.Ejection;
        return state;
    }

    private TargetState[] Create(ProviderCredentials credentials, string provider, EdgeRevision revision)
    {
        var live = revision.Sides.SelectMany(side => side.Credentials).SelectMany(p => p.Value.Values.ToArray().Select(value => KeyOf(p.Key, value))).ToHashSet();
        foreach (var key in _credentials.Keys.Where(key => !live.Contains(key)))
        {
            _credentials.TryRemove(key, out _);
        }

        return [.. credentials.Values.ToArray().Select(value => _credentials.GetOrAdd(KeyOf(provider, value), static _ => new TargetState()))];
    }

    private sealed record Place(string Provider, ProviderDialect Dialect, Uri? Address, string Model);
}
