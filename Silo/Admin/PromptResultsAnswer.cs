using Sluice.Grains.Usage.Results;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>What the versions of a prompt did: the requests that ended in some days.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="Versions">By version.</param>
/// <param name="Targets">The same by version and the target that answered.</param>
/// <param name="Baseline">The version that others are compared with; null: there are no two.</param>
/// <param name="Differences">Of each other version to it.</param>
public sealed record PromptResultsAnswer(
    string Prompt, DateOnly From, DateOnly To, IReadOnlyList<PromptResult> Versions, IReadOnlyList<PromptResult> Targets, int? Baseline, IReadOnlyList<PromptDifference> Differences)
{
    internal static PromptResultsAnswer Of(string prompt, DateOnly from, DateOnly to, PromptResults results, int? baseline)
    {
        var compared = results.Versions.Count > 1 ? baseline ?? results.Versions.Keys.First() : (int?)null;
        return new PromptResultsAnswer(
            prompt,
            from,
            to,
            [.. results.Versions.Select(version => PromptResult.Of(version.Key, null, version.Value))],
            [.. results.Targets.Select(target => PromptResult.Of(target.Key.Version, target.Key.Target, target.Value))],
            compared,
            compared is { } number && results.Versions.TryGetValue(number, out var other)
                ? [.. results.Versions.Where(version => version.Key != number).Select(version => PromptDifference.Of(version.Key, version.Value, other))]
                : []);
    }
}

/// <summary>What a version did.</summary>
/// <param name="Target">The target that answered, as <c>provider/model</c>; null: all of them.</param>
/// <param name="Requests">Each once, with all of its attempts.</param>
/// <param name="Failures">Requests whose client got no answer, for a reason that is not its own: 5xx, 401, 403, 404 and 429 of providers, and edges that were lost.</param>
/// <param name="FailureRate">Of the requests.</param>
/// <param name="InputTokens">Of all attempts.</param>
/// <param name="OutputTokens">Of all attempts.</param>
/// <param name="Cost">Of all attempts, in US dollars.</param>
/// <param name="Latency">Of those that were answered; null: none was.</param>
/// <param name="Scores">What clients said of the answers, by name.</param>
public sealed record PromptResult(
    int Version, string? Target, long Requests, long Failures, Estimate FailureRate, long InputTokens, long OutputTokens, string Cost, LatencyResult? Latency, IReadOnlyList<ScoreResult> Scores)
{
    internal static PromptResult Of(int version, string? target, ResultFigures figures) => new(
        version,
        target,
        figures.Requests,
        figures.Failed,
        Estimate.Of(figures.Failures),
        figures.InputTokens,
        figures.OutputTokens,
        Money.Format(figures.CostNano),
        LatencyResult.Of(figures),
        ScoreResult.Of(figures));
}

/// <summary>What a version has more than the baseline; where the interval does not hold 0 it is no chance.</summary>
/// <param name="Latency">Of the means, in milliseconds; null: one of them answered nothing.</param>
/// <param name="CostPerRequest">Of the means, in US dollars.</param>
/// <param name="Scores">By the names under which both were scored.</param>
public sealed record PromptDifference(int Version, Estimate FailureRate, Estimate? Latency, Estimate CostPerRequest, IReadOnlyList<ScoreDifference> Scores)
{
    internal static PromptDifference Of(int version, ResultFigures mine, ResultFigures baseline)
    {
        var difference = FiguresDifference.Of(mine, baseline);
        return new(version, difference.FailureRate, difference.Latency, difference.CostPerRequest, difference.Scores);
    }
}
