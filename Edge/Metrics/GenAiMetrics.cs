using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Metrics;

/// <summary>
/// What an edge tells of models by the names of OpenTelemetry's semantic conventions for generative AI, 0.1.0 (github.com/open-telemetry/semantic-conventions-genai), so that what
/// reads those reads this. <see cref="GenAiMeter"/> makes the instruments.
/// </summary>
public static class GenAiMetrics
{
    private static readonly MetricTag Operation = new(GenAi.Operation, [.. GenAi.Operations]);
    private static readonly MetricTag Provider = new(GenAi.Provider);
    private static readonly MetricTag Model = new(GenAi.RequestModel);
    private static readonly MetricTag Error = new(GenAi.ErrorType);
    private static readonly MetricTag Modality = new(GenAi.TokenModality, GenAi.UnknownModality);

    public static readonly Metric Inference = new(
        "gen_ai.client.inference.duration", MetricShape.Histogram, "s", "Time of an attempt at a model, from when it is sent to its answer's end.", Operation, Provider, Model, Error);

    public static readonly Metric Embeddings = new(
        "gen_ai.client.embeddings.duration", MetricShape.Histogram, "s", "The same of embeddings.", Operation, Provider, Model, Error);

    public static readonly Metric Other = new(
        "gen_ai.client.operation.duration", MetricShape.Histogram, "s", "The same of what is neither: moderations, images, speech, transcriptions, counts of tokens.", Operation, Provider, Model, Error);

    public static readonly Metric FirstChunk = new(
        "gen_ai.client.inference.time_to_first_chunk", MetricShape.Histogram, "s", "Time from when an attempt at a model is sent to the first event of its stream.", Operation, Provider, Model);

    public static readonly Metric InputTokens = new(
        "gen_ai.client.inference.usage.input_tokens", MetricShape.Counter, "{token}", "Input tokens as providers told them, those from caches among them.", Operation, Provider, Model, Modality);

    public static readonly Metric OutputTokens = new(
        "gen_ai.client.inference.usage.output_tokens", MetricShape.Counter, "{token}", "Output tokens as providers told them, those of reasoning among them.", Operation, Provider, Model, Modality);

    public static readonly Metric CachedTokens = new(
        "gen_ai.client.inference.usage.cache_read.input_tokens", MetricShape.Counter, "{token}", "Input tokens that providers read from their caches.", Operation, Provider, Model, Modality);

    public static readonly Metric ServerDuration = new(
        "gen_ai.server.request.duration", MetricShape.Histogram, "s", "Time from the arrival of a request for a model to its answer's end, all attempts together.", Operation, Provider, Model, Error);

    public static readonly Metric ServerFirstToken = new(
        "gen_ai.server.time_to_first_token", MetricShape.Histogram, "s", "Time from the arrival of a request for a model to the first event of its stream.", Operation, Provider, Model);

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Metric> All { get; } = [Inference, Embeddings, Other, FirstChunk, InputTokens, OutputTokens, CachedTokens, ServerDuration, ServerFirstToken];
}
