using System.Globalization;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>How results of requests, and what some have more than others, are printed.</summary>
internal static class ResultLines
{
    /// <summary>Counts.</summary>
    public static IEnumerable<string> Numbers(params IEnumerable<long> numbers) => numbers.Select(n => n.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>Median, 95 of 100 and mean; blank where nothing was answered.</summary>
    public static IEnumerable<string> Times(LatencyResult? latency) =>
        latency is null ? ["", "", ""] : new[] { latency.P50, latency.P95, latency.Mean }.Select(ms => ms.ToString("0", CultureInfo.InvariantCulture));

    /// <summary>Scores by their names.</summary>
    public static string Of(IEnumerable<ScoreResult> scores) => string.Join("; ", scores.Select(score => string.Create(CultureInfo.InvariantCulture, $"{score.Name} {Say(score.Mean, "0.###")} of {score.Count}")));

    /// <summary>What some have more than others, a line each.</summary>
    public static IEnumerable<string> Of(string which, Estimate failureRate, Estimate? latency, Estimate costPerRequest, IEnumerable<ScoreDifference> scores)
    {
        yield return $"{which}, with 95 % confidence:";
        yield return $"  failure rate {Say(failureRate, "0.####")}";
        if (latency is not null)
        {
            yield return $"  mean latency, ms {Say(latency, "0")}";
        }

        yield return $"  cost of a request, USD {Say(costPerRequest, "0.#########")}";
        foreach (var score in scores)
        {
            yield return $"  {score.Name} {Say(score.Mean, "0.###")}";
        }
    }

    private static string Say(Estimate estimate, string form)
    {
        var value = estimate.Value.ToString(form, CultureInfo.InvariantCulture);
        return estimate is { Low: { } low, High: { } high }
            ? $"{value} [{low.ToString(form, CultureInfo.InvariantCulture)} to {high.ToString(form, CultureInfo.InvariantCulture)}]"
            : $"{value} [too few to say]";
    }
}
