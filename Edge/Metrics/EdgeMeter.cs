using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Metrics;

/// <summary>
/// The instruments of one edge. What is counted on a request's way allocates nothing: the tags are made once. Each edge has a meter of its own, so that several in one
/// process are told apart.
/// </summary>
public sealed class EdgeMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Sluice.Edge";

    // From a millisecond, which is a short answer of an upstream nearby, to ten minutes, which is a long stream.
    private static readonly double[] DurationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 600];
    private static readonly double[] CompileBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly KeyValuePair<string, object?>[] Outcomes = [.. EdgeMetrics.Outcomes.Select(o => KeyValuePair.Create<string, object?>("outcome", o))];

    private readonly ActiveRevision _active;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _compile;
    private readonly DeclaredCounter _activations;
    private readonly DeclaredCounter _preparations;
    private readonly DeclaredCounter _fetches;
    private readonly DeclaredCounter _fetched;
    private readonly DeclaredCounter _kept;
    private readonly DeclaredCounter _stale;
    private int _waiting;

    public EdgeMeter(ActiveRevision active)
    {
        _active = active;
        Meter = new Meter(new MeterOptions(Name) { Scope = this });
        Gauge(EdgeMetrics.Revision, () => active.Current?.Head.Revision ?? 0);
        Gauge(EdgeMetrics.RevisionAge, () => active.Current is { } revision ? active.InUse.ActiveFor(revision.Requests)?.TotalSeconds ?? 0 : 0);
        Gauge(EdgeMetrics.OldRevisions, () => RevisionUse.Of(active.InUse.Look()).Old);
        Gauge(EdgeMetrics.OldestRevision, () => RevisionUse.Of(active.InUse.Look()).Oldest?.TotalSeconds ?? 0);
        Gauge(EdgeMetrics.Waiting, () => Volatile.Read(ref _waiting));
        Gauge(EdgeMetrics.LeaseLeft, () => active.LeaseLeft?.TotalSeconds ?? 0);
        Gauge(EdgeMetrics.LeaseLapsed, () => active.LeaseLeft is null ? 1 : 0);
        Meter.CreateObservableGauge(EdgeMetrics.InFlight.Name, InFlight, EdgeMetrics.InFlight.Unit, EdgeMetrics.InFlight.Description);
        Meter.CreateObservableCounter(EdgeMetrics.SecretUses.Name, SecretUses, EdgeMetrics.SecretUses.Unit, EdgeMetrics.SecretUses.Description);
        _duration = Histogram(EdgeMetrics.Duration, DurationBounds);
        _compile = Histogram(EdgeMetrics.CompileTime, CompileBounds);
        (_activations, _preparations, _stale) = (Counter(EdgeMetrics.Activations), Counter(EdgeMetrics.Preparations), Counter(EdgeMetrics.StaleAnswers));
        (_fetches, _fetched, _kept) = (Counter(EdgeMetrics.Fetches), Counter(EdgeMetrics.FetchedBytes), Counter(EdgeMetrics.KnownGoodWrites));
    }

    /// <summary>What instruments belong to.</summary>
    public Meter Meter { get; }

    /// <summary>A request ended, under its revision.</summary>
    public void Ended(RevisionRequests requests, RequestOutcome outcome, TimeSpan elapsed)
    {
        requests.End(outcome, elapsed);
        _duration.Record(elapsed.TotalSeconds, Outcomes[(int)outcome]);
    }

    /// <summary>A request is served although the edge has no lease.</summary>
    public void Stale() => _stale.Add(1);

    /// <summary>A request begins to wait for its admission, or has ended to.</summary>
    public void Wait(bool begins) => Interlocked.Add(ref _waiting, begins ? 1 : -1);

    /// <summary>A head was to be activated: <c>activated</c>, <c>refused</c> or <c>failed</c>.</summary>
    public void Activated(string outcome) => _activations.Add(1, outcome);

    /// <summary>A candidate was to be prepared: <c>prepared</c>, <c>refused</c> or <c>failed</c>.</summary>
    public void Prepared(string outcome) => _preparations.Add(1, outcome);

    /// <summary>A revision was compiled, or what cannot be was found out.</summary>
    public void Compiled(TimeSpan elapsed) => _compile.Record(elapsed.TotalSeconds);

    /// <summary>Resources were fetched: <c>whole</c> or <c>delta</c>.</summary>
    public void Fetched(string kind, ImmutableArray<ResourceBody> resources)
    {
        _fetches.Add(1, kind);
        _fetched.Add(resources.Sum(r => (long)r.Json.Length), kind);
    }

    /// <summary>A revision was kept on disk, or could not be.</summary>
    public void Kept(bool written) => _kept.Add(1, written ? "written" : "failed");

    /// <summary>Ends the instruments.</summary>
    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> InFlight()
    {
        var used = _active.InUse.Look();
        yield return new Measurement<long>(used.Where(u => u.ReplacedFor is null).Sum(u => u.InFlight), KeyValuePair.Create<string, object?>("revision", "active"));
        yield return new Measurement<long>(used.Where(u => u.ReplacedFor is not null).Sum(u => u.InFlight), KeyValuePair.Create<string, object?>("revision", "old"));
    }

    // Both sides of a canary count into one.
    private IEnumerable<Measurement<long>> SecretUses() => (_active.Current?.Sides ?? [])
        .SelectMany(side => side.Credentials.Values).SelectMany(credentials => credentials.Uses).Distinct()
        .Select(use => new Measurement<long>(use.Total, KeyValuePair.Create<string, object?>("secret", use.Secret), KeyValuePair.Create<string, object?>("provider", use.Provider)));

    private void Gauge(Metric metric, Func<double> value) => Meter.CreateObservableGauge(metric.Name, value, metric.Unit, metric.Description);

    private DeclaredCounter Counter(Metric metric) => new(Meter, metric);

    private Histogram<double> Histogram(Metric metric, double[] bounds) =>
        Meter.CreateHistogram(metric.Name, metric.Unit, metric.Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
