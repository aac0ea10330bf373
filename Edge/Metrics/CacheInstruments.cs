using System.Diagnostics.Metrics;
using Sluice.Edge.Caching;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of what an edge keeps of answers.</summary>
internal sealed class CacheInstruments
{
    private const double NanoPerDollar = 1e9;
    private static readonly KeyValuePair<string, object?>[] Outcomes = [.. NamedCache.Outcomes.Select(o => KeyValuePair.Create<string, object?>("outcome", o))];

    public CacheInstruments(EdgeMeter meter, AnswerStores stores)
    {
        meter.Meter.CreateObservableCounter(
            EdgeMetrics.CacheAnswers.Name,
            () => stores.All.SelectMany(cache => Outcomes.Select((outcome, i) => new Measurement<long>(cache.Counted(i), NameOf(cache), outcome))),
            EdgeMetrics.CacheAnswers.Unit,
            EdgeMetrics.CacheAnswers.Description);
        meter.Meter.CreateObservableGauge(
            EdgeMetrics.CacheSize.Name, () => stores.All.Select(cache => new Measurement<long>(cache.Answers.Size, NameOf(cache))), EdgeMetrics.CacheSize.Unit, EdgeMetrics.CacheSize.Description);
        meter.Meter.CreateObservableCounter(
            EdgeMetrics.CacheSaved.Name, () => stores.All.Select(cache => new Measurement<double>(cache.Saved / NanoPerDollar, NameOf(cache))), EdgeMetrics.CacheSaved.Unit, EdgeMetrics.CacheSaved.Description);
    }

    private static KeyValuePair<string, object?> NameOf(NamedCache cache) => new("cache", cache.Name);
}
