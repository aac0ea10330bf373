using Sluice.Grains.Usage.Results;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>What the targets of a model did: the requests that ended in some days.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="Targets">By target.</param>
/// <param name="Baseline">The target that others are compared with; null: there are no two.</param>
/// <param name="Differences">Of each other target to it.</param>
public sealed record ModelResultsAnswer(string Model, DateOnly From, DateOnly To, IReadOnlyList<ModelResult> Targets, string? Baseline, IReadOnlyList<ModelDifference> Differences)
{
    internal static ModelResultsAnswer Of(string model, DateOnly from, DateOnly to, ModelResults results, string? baseline)
    {
        var compared = results.Targets.Count > 1 ? baseline ?? results.Targets.Keys.First() : null;
        return new ModelResultsAnswer(
            model,
            from,
            to,
            [.. results.Attempts.Select(attempts => ModelResult.Of(attempts.Key, attempts.Value, results.Targets.TryGetValue(attempts.Key, out var figures) ? figures : new ResultFigures()))],
            compared,
            compared is not null && results.Targets.TryGetValue(compared, out var other)
                ? [.. results.Targets.Where(target => !string.Equals(target.Key, compared, StringComparison.Ordinal)).Select(target => ModelDifference.Of(target.Key, target.Value, other))]
                : []);
    }
}

/// <summary>What a target did.</summary>
/// <param name="Target">As <c>provider/model</c>.</param>
/// <param name="Attempts">Each time that it was asked; a fallback may have mended those that failed.</param>
/// <param name="AttemptFailures">Of them, those with 5xx, 401, 403, 404 and 429 of its provider, and those of edges that were lost.</param>
/// <param name="AttemptFailureRate">Of the attempts.</param>
/// <param name="Requests">Those that it decided, by the answer or as the last that was asked; each once, with all of its attempts.</param>
/// <param name="Failures">Of them, those whose client got no answer, for a reason that is not its own.</param>
/// <param name="FailureRate">Of the requests.</param>
/// <param name="InputTokens">Of all attempts of these requests.</param>
/// <param name="OutputTokens">The same.</param>
/// <param name="Cost">The same, in US dollars.</param>
/// <param name="Latency">Of those that were answered; null: none was.</param>
/// <param name="Scores">What clients said of the answers, by name.</param>
public sealed record ModelResult(
    string Target, long Attempts, long AttemptFailures, Estimate AttemptFailureRate, long Requests, long Failures, Estimate FailureRate, long InputTokens, long OutputTokens, string Cost, LatencyResult? Latency, IReadOnlyList<ScoreResult> Scores)
{
    internal static ModelResult Of(string target, BoundedSample attempts, ResultFigures figures) => new(
        target,
        attempts.Count,
        (long)Math.Round(attempts.Mean * attempts.Count),
        Estimate.Of(attempts),
        figures.Requests,
        figures.Failed,
        Estimate.Of(figures.Failures),
        figures.InputTokens,
        figures.OutputTokens,
        Money.Format(figures.CostNano),
        LatencyResult.Of(figures),
        ScoreResult.Of(figures));
}

/// <summary>What a target has more than the baseline; where the interval does not hold 0 it is no chance.</summary>
/// <param name="Latency">Of the means, in milliseconds; null: one of them answered nothing.</param>
/// <param name="CostPerRequest">Of the means, in US dollars.</param>
/// <param name="Scores">By the names under which both were scored.</param>
public sealed record ModelDifference(string Target, Estimate FailureRate, Estimate? Latency, Estimate CostPerRequest, IReadOnlyList<ScoreDifference> Scores)
{
    internal static ModelDifference Of(string target, ResultFigures mine, ResultFigures baseline)
    {
        var difference = FiguresDifference.Of(mine, baseline);
        return new(target, difference.FailureRate, difference.Latency, difference.CostPerRequest, difference.Scores);
    }
}
