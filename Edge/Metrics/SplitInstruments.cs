using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Metrics;

/// <summary>
/// The instruments of parts of splits: how often each was asked, how often it failed, and how soon it answered. There are series for so many parts at most; those that come later share one, so that
/// no revision can make more of them.
/// </summary>
internal sealed class SplitInstruments
{
    /// <summary>The most parts that have series of their own, from the edge's start on.</summary>
    public const int MostParts = 200;

    // From a millisecond, which is a short answer nearby, to the five minutes after which an upstream is not waited for.
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly ConditionalWeakTable<CompiledRoute, PartMeter[]> _known = [];
    private readonly ConcurrentDictionary<(string Route, string Upstream), PartMeter> _parts = new();
    private readonly Histogram<double> _answers;
    private readonly Counter<long> _failures;
    private readonly PartMeter _others;

    /// <summary>Makes the instruments.</summary>
    public SplitInstruments(EdgeMeter meter)
        : this(meter.Meter)
    {
    }

    /// <summary>Makes the instruments of a meter.</summary>
    internal SplitInstruments(Meter meter)
    {
        var (duration, failures) = (EdgeMetrics.SplitDuration, EdgeMetrics.SplitFailures);
        _answers = meter.CreateHistogram(duration.Name, duration.Unit, duration.Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });
        _failures = meter.CreateCounter<long>(failures.Name, failures.Unit, failures.Description);
        _others = new PartMeter(this, "other", "other");
    }

    /// <summary>Where a request to a part is counted; null: the route has one part alone.</summary>
    /// <param name="route">The route.</param>
    /// <param name="part">The index of the part.</param>
    public PartMeter? Of(CompiledRoute route, int part) =>
        route.Parts.Length == 1 ? null : (_known.TryGetValue(route, out var known) ? known : _known.GetValue(route, Make))[part];

    private PartMeter[] Make(CompiledRoute route) =>
        [.. route.Parts.Select(part => _parts.TryGetValue((route.Resource.Name, part.Name), out var known) ? known
            : _parts.Count >= MostParts ? _others
            : _parts.GetOrAdd((route.Resource.Name, part.Name), static (key, self) => new PartMeter(self, key.Route, key.Upstream), this))];

    /// <summary>One part's.</summary>
    internal sealed class PartMeter
    {
        private readonly SplitInstruments _all;
        private readonly KeyValuePair<string, object?>[] _tags;

        public PartMeter(SplitInstruments all, string route, string upstream)
        {
            (_all, _tags) = (all, [KeyValuePair.Create<string, object?>("route", route), KeyValuePair.Create<string, object?>("upstream", upstream)]);

            // There from the part's first request on, so that the first failure is an increase.
            _all._failures.Add(0, _tags);
        }

        /// <summary>A request had its answer's first byte, or will have none.</summary>
        public void Count(TimeSpan elapsed, bool failed)
        {
            _all._answers.Record(elapsed.TotalSeconds, _tags);
            if (failed)
            {
                _all._failures.Add(1, _tags);
            }
        }
    }
}
