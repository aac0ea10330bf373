using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice model</c></summary>
internal static class ModelCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("model") { Description = "The model's name." };
        var days = new ResultDays();
        var baseline = new Option<string?>("--baseline") { Description = "The target that others are compared with, as provider/model; the first by name when not given." };
        var results = AdminSession.Define(
            "results",
            "Compare the targets of a model: what they did, and what clients said of it.",
            async (session, parsed, cancellation) =>
            {
                var told = await session.Client.GetAsync<ModelResultsAnswer>(days.PathOf("models", parsed.GetRequiredValue(name), parsed, parsed.GetValue(baseline)), cancellation);
                var code = session.Write(
                    told,
                    ["TARGET", "ATTEMPTS", "FAILED", "REQUESTS", "FAILED", "INPUT", "OUTPUT", "COST USD", "P50 MS", "P95 MS", "MEAN MS", "SCORES"],
                    told.Targets.Select(Row));
                if (!session.Json)
                {
                    foreach (var line in told.Differences.SelectMany(d => ResultLines.Of($"{d.Target} less {told.Baseline}", d.FailureRate, d.Latency, d.CostPerRequest, d.Scores)))
                    {
                        session.Output.WriteLine(line);
                    }
                }

                return code;
            },
            [name, .. days.All, baseline]);
        return new Command("model", "Compare the targets of models.") { results };
    }

    private static string[] Row(ModelResult result) =>
    [
        result.Target,
        .. ResultLines.Numbers(result.Attempts, result.AttemptFailures, result.Requests, result.Failures, result.InputTokens, result.OutputTokens),
        result.Cost,
        .. ResultLines.Times(result.Latency),
        ResultLines.Of(result.Scores),
    ];
}
