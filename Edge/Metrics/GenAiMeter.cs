using System.Diagnostics.Metrics;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metrics;

/// <summary>Tells of each attempt at a model. Models and providers are tags: as many series as there are declared targets. What goes well allocates nothing.</summary>
internal sealed class GenAiMeter
{
    // The conventions' own.
    private static readonly double[] Bounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly double[] FirstBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly TimeProvider _time;
    private readonly Histogram<double> _inference;
    private readonly Histogram<double> _embeddings;
    private readonly Histogram<double> _other;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<double> _served;
    private readonly Histogram<double> _firstToken;
    private readonly TokenTallies _tokens;

    public GenAiMeter(EdgeMeter meter, TimeProvider time)
    {
        _time = time;
        (_inference, _embeddings, _other) = (Histogram(GenAiMetrics.Inference, Bounds), Histogram(GenAiMetrics.Embeddings, Bounds), Histogram(GenAiMetrics.Other, Bounds));
        (_firstChunk, _firstToken, _served) = (Histogram(GenAiMetrics.FirstChunk, FirstBounds), Histogram(GenAiMetrics.ServerFirstToken, FirstBounds), Histogram(GenAiMetrics.ServerDuration, Bounds));
        _tokens = new TokenTallies(meter.Meter);

        Histogram<double> Histogram(Metric metric, double[] bounds) =>
            meter.Meter.CreateHistogram(metric.Name, metric.Unit, metric.Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
    }

    /// <summary>An attempt has ended.</summary>
    /// <param name="call">What was asked for.</param>
    /// <param name="settlement">What came of it.</param>
    /// <param name="arrived">The timestamp at which the request came.</param>
    /// <param name="sent">The timestamp at which the attempt began.</param>
    /// <param name="isLast">Whether the client was answered by it.</param>
    public void Ended(ModelCall call, in Settlement settlement, long arrived, long sent, bool isLast)
    {
        if (!_inference.Enabled)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var known = GenAi.TagsOf(call.Matched.Target, call.Operation);
        var tags = settlement.Status < 400 ? known.All : known.Failed(settlement.Status);
        var duration = call.Operation switch { ModelOperation.Chat => _inference, ModelOperation.Embeddings => _embeddings, _ => _other };
        duration.Record(_time.GetElapsedTime(sent, now).TotalSeconds, tags);
        if (isLast)
        {
            _served.Record(_time.GetElapsedTime(arrived, now).TotalSeconds, tags);
        }

        if (settlement.FirstTokenAt != 0)
        {
            _firstChunk.Record(_time.GetElapsedTime(sent, settlement.FirstTokenAt).TotalSeconds, known.All);
            if (isLast)
            {
                _firstToken.Record(_time.GetElapsedTime(arrived, settlement.FirstTokenAt).TotalSeconds, known.All);
            }
        }

        if (call.Operation is ModelOperation.Chat && settlement.Source is UsageSource.Reported or UsageSource.Partial)
        {
            _tokens.Add(known, settlement.Tokens);
        }
    }
}
