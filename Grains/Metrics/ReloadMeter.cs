using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Grains.Metrics;

/// <summary>
/// The instruments of one silo. A grain is active on one silo of the cluster, and what it knows is told there: over all silos each workspace is told once. Each silo has a
/// meter of its own, so that several in one process are told apart.
/// </summary>
public sealed class ReloadMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Sluice.Silo";

    /// <summary>The way in of a rollback, whoever asks for it.</summary>
    public const string Rollback = "rollback";

    // The fleet looks several times a lease: a reading of before is of a fleet that has moved to another silo.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 3.1, 5, 10, 30];

    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Reading> _fleets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RevisionEffect> _effects = new(StringComparer.Ordinal);
    private readonly DeclaredCounter _publishes;
    private readonly DeclaredCounter _refusals;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _phases;

    public ReloadMeter(TimeProvider time)
    {
        _time = time;
        Meter = new Meter(new MeterOptions(Name) { Scope = this });
        (_publishes, _refusals) = (new DeclaredCounter(Meter, ReloadMetrics.Publishes), new DeclaredCounter(Meter, ReloadMetrics.Refusals));
        (_duration, _phases) = (Histogram(ReloadMetrics.Duration), Histogram(ReloadMetrics.PhaseDuration));
        OfFleets(ReloadMetrics.Revision, reading => reading.Revision);
        OfFleets(ReloadMetrics.AuditEntries, reading => reading.Revision);
        OfFleets(ReloadMetrics.Edges, reading => reading.Edges.Length);
        OfFleets(ReloadMetrics.EdgesBehind, reading => reading.Edges.Count(edge => edge < reading.Revision));
        OfFleets(ReloadMetrics.EdgesLag, reading => reading.Edges.Select(edge => reading.Revision - edge).DefaultIfEmpty().Max());
        OfSides(ReloadMetrics.EffectRequests, side => [(side.Requests, null)]);
        OfSides(ReloadMetrics.EffectErrors, side => side.Requests > 0 ? [((double)side.Errors / side.Requests, null)] : []);
        OfSides(ReloadMetrics.EffectRefused, side => side.Requests > 0 ? [((double)side.Refused / side.Requests, null)] : []);
        OfSides(ReloadMetrics.EffectDuration, side => side is { Median: { } median, P99: { } p99 } ? [(median.TotalSeconds, "p50"), (p99.TotalSeconds, "p99")] : []);
        Gauge(ReloadMetrics.EffectWorse, () =>
            from effect in _effects
            from what in new[] { (Flag: EffectVerdict.Errors, Name: "errors"), (Flag: EffectVerdict.Refused, Name: "refused") }
            select Measure(effect.Value.Worse.HasFlag(what.Flag) ? 1 : 0, effect.Key, ("what", what.Name)));
    }

    /// <summary>What instruments belong to.</summary>
    public Meter Meter { get; }

    /// <summary>Counts a publish at its end, whatever it comes to.</summary>
    /// <param name="via">The way in, as its author has it, or <see cref="Rollback"/>.</param>
    /// <param name="publish">The publish.</param>
    public async Task<PublishOutcome> CountAsync(string via, Task<PublishOutcome> publish)
    {
        var way = Way(via);
        try
        {
            var outcome = await publish;
            Count(outcome, way);
            return outcome;
        }
        catch
        {
            Count("failed", way);
            throw;
        }
    }

    /// <summary>A fleet looked at its edges.</summary>
    /// <param name="workspace">Whose fleet.</param>
    /// <param name="revision">The active revision.</param>
    /// <param name="edges">What each edge of the head's set runs.</param>
    internal void Look(string workspace, long revision, ImmutableArray<long> edges) => _fleets[workspace] = new Reading(_time.GetTimestamp(), revision, edges);

    /// <summary>How requests went before and after the newest revision of a workspace.</summary>
    internal void Show(string workspace, RevisionEffect effect) => _effects[workspace] = effect;

    /// <summary>It is told elsewhere from now on.</summary>
    internal void ForgetEffect(string workspace) => _effects.TryRemove(workspace, out _);

    /// <summary>Ends the instruments.</summary>
    public void Dispose() => Meter.Dispose();

    private static string Way(string via) => via is "cli" or "console" ? "api" : via;

    private static Measurement<double> Measure(double value, string workspace, params ReadOnlySpan<(string Name, string Value)> tags)
    {
        var all = new List<KeyValuePair<string, object?>> { KeyValuePair.Create<string, object?>("workspace", workspace) };
        foreach (var (name, text) in tags)
        {
            all.Add(KeyValuePair.Create<string, object?>(name, text));
        }

        return new Measurement<double>(value, all);
    }

    private void Count(PublishOutcome outcome, string via)
    {
        if (ReloadRules.OutcomeOf(outcome) is { } became)
        {
            Count(became.ToString().ToLowerInvariant(), via);
        }

        switch (outcome)
        {
            case PublishOutcome.Published published:
                PublishTrace.Tell(published, via, _time.GetUtcNow());
                _duration.Record(published.Phases.Values.Sum(p => p.TotalSeconds));
                foreach (var (phase, elapsed) in published.Phases)
                {
                    _phases.Record(elapsed.TotalSeconds, KeyValuePair.Create<string, object?>("phase", phase));
                }

                break;
            case PublishOutcome.Refused refused:
                _refusals.Add(1, refused.Refusal.Code);
                break;
        }
    }

    private void Count(string outcome, string via) => _publishes.Add(1, outcome, via);

    private Histogram<double> Histogram(Metric metric) =>
        Meter.CreateHistogram(metric.Name, metric.Unit, metric.Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });

    private void Gauge(Metric metric, Func<IEnumerable<Measurement<double>>> values) => Meter.CreateObservableGauge(metric.Name, values, metric.Unit, metric.Description);

    private void OfFleets(Metric metric, Func<Reading, double> value) => Gauge(metric, () =>
        from fleet in _fleets
        where _time.GetElapsedTime(fleet.Value.At) < Fresh
        select Measure(value(fleet.Value), fleet.Key));

    private void OfSides(Metric metric, Func<EffectSide, (double Value, string? At)[]> values) => Gauge(metric, () =>
        from effect in _effects
        from side in new[] { (Name: "before", Figures: effect.Value.Before), (Name: "after", Figures: effect.Value.After) }
        from value in values(side.Figures)
        select value.At is { } at ? Measure(value.Value, effect.Key, ("side", side.Name), ("at", at)) : Measure(value.Value, effect.Key, ("side", side.Name)));

    private sealed record Reading(long At, long Revision, ImmutableArray<long> Edges);
}
