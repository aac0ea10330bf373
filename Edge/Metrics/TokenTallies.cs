using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metrics;

/// <summary>
/// Sums of the tokens of each target that was asked, which are looked up when metrics are read: an instrument would look its tags up for each attempt. Safe for concurrent use.
/// </summary>
internal sealed class TokenTallies
{
    private readonly ConcurrentDictionary<(string Operation, string Provider, string Model), Tally> _all = new();

    // Targets of several revisions and models may be told by the same tags.
    private readonly ConditionalWeakTable<GenAiTags, Tally> _known = [];
    private readonly Func<GenAiTags, Tally> _of;

    /// <summary>Makes the instruments.</summary>
    public TokenTallies(System.Diagnostics.Metrics.Meter meter)
    {
        _of = tags => _all.GetOrAdd((tags.Operation, tags.Provider, tags.Model), static (_, tags) => new Tally(tags.Tokens.ToArray()), tags);
        Tell(GenAiMetrics.InputTokens, Tally.Input);
        Tell(GenAiMetrics.OutputTokens, Tally.Output);
        Tell(GenAiMetrics.CachedTokens, Tally.Cached);

        void Tell(Metric metric, int place) => meter.CreateObservableCounter(metric.Name, () => Read(place), metric.Unit, metric.Description);
    }

    /// <summary>Adds what an attempt used.</summary>
    public void Add(GenAiTags tags, in TokenCounts tokens) => _known.GetOrAdd(tags, _of).Add(tokens);

    private IEnumerable<Measurement<long>> Read(int place)
    {
        foreach (var tally in _all.Values)
        {
            if (tally.Sum(place) is var sum and > 0)
            {
                yield return new Measurement<long>(sum, tally.Tags);
            }
        }
    }

    private sealed class Tally(KeyValuePair<string, object?>[] tags)
    {
        public const int Input = 0;
        public const int Output = 1;
        public const int Cached = 2;

        private readonly StripedCounts _sums = new();

        public KeyValuePair<string, object?>[] Tags => tags;

        public void Add(in TokenCounts tokens)
        {
            _sums.Add(Input, tokens.Input);
            _sums.Add(Output, tokens.Output);
            if (tokens.CachedRead > 0)
            {
                _sums.Add(Cached, tokens.CachedRead);
            }
        }

        public long Sum(int place) => _sums.Sum(place);
    }
}
