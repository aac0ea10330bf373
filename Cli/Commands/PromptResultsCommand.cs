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
        var days = new ResultDays();
        var baseline = new Option<int?>("--baseline") { Description = "The version that others are compared with; the lowest that was used when not given." };
        return AdminSession.Define(
            "results",
            "Compare the versions of a prompt: what they did, and what clients said of it.",
            async (session, parsed, cancellation) =>
            {
                var path = days.PathOf("prompts", parsed.GetRequiredValue(name), parsed, parsed.GetValue(baseline)?.ToString(CultureInfo.InvariantCulture));
                var results = await session.Client.GetAsync<PromptResultsAnswer>(path, cancellation);
                var code = session.Write(
                    results,
                    ["VERSION", "TARGET", "REQUESTS", "FAILED", "INPUT", "OUTPUT", "COST USD", "P50 MS", "P95 MS", "MEAN MS", "SCORES"],
                    results.Versions.SelectMany(version => results.Targets.Where(target => target.Version == version.Version).Prepend(version)).Select(Row));
                if (!session.Json)
                {
                    foreach (var line in results.Differences.SelectMany(d => ResultLines.Of(
                        string.Create(CultureInfo.InvariantCulture, $"version {d.Version} less version {results.Baseline}"), d.FailureRate, d.Latency, d.CostPerRequest, d.Scores)))
                    {
                        session.Output.WriteLine(line);
                    }
                }

                return code;
            },
            [name, .. days.All, baseline]);
    }

    private static string[] Row(PromptResult result) =>
    [
        result.Target is null ? result.Version.ToString(CultureInfo.InvariantCulture) : "",
        result.Target ?? "all",
        .. ResultLines.Numbers(result.Requests, result.Failures, result.InputTokens, result.OutputTokens),
        result.Cost,
        .. ResultLines.Times(result.Latency),
        ResultLines.Of(result.Scores),
    ];
}
