using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice prompt results</c></summary>
internal static class PromptResultsCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("prompt") { Description = "The prompt's name." };
        var from = new Option<string?>("--from") { Description = "The first day (UTC), such as 2026-01-31; six days before the last when not given." };
        var to = new Option<string?>("--to") { Description = "The last day (UTC); today when not given." };
        var tenant = new Option<string?>("--tenant") { Description = "Of one tenant's requests." };
        var baseline = new Option<int?>("--baseline") { Description = "The version that others are compared with; the lowest that was used when not given." };
        return AdminSession.Define(
            "results",
            "Compare the versions of a prompt: what they did, and what clients said of it.",
            async (session, parsed, cancellation) =>
            {
                var path = ApiPath.Query(
                    ApiPath.Join("prompts", parsed.GetRequiredValue(name), "results"),
                    ("from", parsed.GetValue(from)),
                    ("to", parsed.GetValue(to)),
                    ("tenant", parsed.GetValue(tenant)),
                    ("baseline", parsed.GetValue(baseline)?.ToString(CultureInfo.InvariantCulture)));
                var results = await session.Client.GetAsync<PromptResultsAnswer>(path, cancellation);
                var code = session.Write(
                    results,
                    ["VERSION", "TARGET", "REQUESTS", "FAILED", "INPUT", "OUTPUT", "COST USD", "P50 MS", "P95 MS", "MEAN MS", "SCORES"],
                    results.Versions.SelectMany(version => results.Targets.Where(target => target.Version == version.Version).Prepend(version)).Select(Row));
                if (!session.Json)
                {
                    foreach (var line in results.Differences.SelectMany(difference => Lines(difference, results.Baseline)))
                    {
                        session.Output.WriteLine(line);
                    }
                }

                return code;
            },
            name,
            from,
            to,
            tenant,
            baseline);
    }

    private static string[] Row(PromptResult result) =>
    [
        result.Target is null ? result.Version.ToString(CultureInfo.InvariantCulture) : "",
        result.Target ?? "all",
        .. new[] { result.Requests, result.Failures, result.InputTokens, result.OutputTokens }.Select(n => n.ToString("N0", CultureInfo.InvariantCulture)),
        result.Cost,
        .. result.Latency is { } latency ? new[] { latency.P50, latency.P95, latency.Mean }.Select(ms => ms.ToString("0", CultureInfo.InvariantCulture)) : ["", "", ""],
        string.Join("; ", result.Scores.Select(score => string.Create(CultureInfo.InvariantCulture, $"{score.Name} {Say(score.Mean, "0.###")} of {score.Count}"))),
    ];

    private static IEnumerable<string> Lines(PromptDifference difference, int? baseline)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"version {difference.Version} less version {baseline}, with 95 % confidence:");
        yield return $"  failure rate {Say(difference.FailureRate, "0.####")}";
        if (difference.Latency is { } latency)
        {
            yield return $"  mean latency, ms {Say(latency, "0")}";
        }

        yield return $"  cost of a request, USD {Say(difference.CostPerRequest, "0.#########")}";
        foreach (var score in difference.Scores)
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
