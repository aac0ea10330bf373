using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;
using Sluice.Silo.CallLog;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice analyze</c></summary>
internal static class AnalyzeCommand
{
    private static readonly string[] Columns = ["CALLS", "FAILED", "REFUSED", "RETRIED", "FROM CACHE", "CACHED IN", "TOKENS IN", "TOKENS OUT", "COST USD", "SAVED USD", "P50 MS", "P95 MS", "P99 MS", "FIRST P50", "FIRST P95"];

    public static Command Define() => new("analyze", "Figures of the call log: trends, comparisons, what is unusual, when a budget ends.")
    {
        Figures(), Compare(), DefineAnomalies(), Forecast(),
    };

    private static Command Figures()
    {
        var by = new Option<string?>("--by") { Description = "Any of hour, day, tenant, key, user, model, provider, target, prompt, tag, status, edge, revision, separated by commas; model when not given." };
        var csv = new Option<bool>("--csv") { Description = "Print comma-separated values with every column instead of a table." };
        return AdminSession.Define(
            "figures",
            "Calls, failures, retries, tokens, cost and percentiles, by some dimensions; with hour or day a trend.",
            async (session, parsed, cancellation) =>
            {
                var answer = await session.Client.GetAsync<AnalysisAnswer>(
                    ApiPath.Query("analysis/figures", [.. CallFilterOptions.Query(parsed), ("by", parsed.GetValue(by) ?? "model")]), cancellation);
                var dimensions = answer.By.Select(FiguresView.NameOf).ToList();
                if (!answer.IsWhole)
                {
                    await session.Error.WriteLineAsync($"sluice: only the first {answer.Rows.Count.ToString(CultureInfo.InvariantCulture)} rows are told: ask for a shorter time, or by fewer dimensions");
                }

                return parsed.GetValue(csv)
                    ? session.WriteCsv([.. dimensions, .. FiguresView.Columns], answer.Rows.Select(row => dimensions.Select(one => row.Of[one]).Concat(row.Row())))
                    : session.Write(answer, [.. dimensions.Select(one => one.ToUpperInvariant()), .. Columns], answer.Rows.Select(row => (string[])[.. dimensions.Select(one => row.Of[one]), .. Cells(row)]));
            },
            [.. CallFilterOptions.Symbols, by, csv]);
    }

    private static Command Compare()
    {
        var by = new Option<string>("--by") { Description = "By what: revision, prompt, model, target, provider, tenant, key, tag or edge.", Required = true };
        var a = new Argument<string>("a") { Description = "The one, such as 41 or summary@1." };
        var b = new Argument<string>("b") { Description = "The other." };
        return AdminSession.Define(
            "compare",
            "Two revisions, prompt versions, models or targets side by side; of the last week when no time is given.",
            async (session, parsed, cancellation) =>
            {
                var (one, other) = (parsed.GetRequiredValue(a), parsed.GetRequiredValue(b));
                var answer = await session.Client.GetAsync<CompareAnswer>(
                    ApiPath.Query("analysis/compare", [.. CallFilterOptions.Query(parsed), ("by", parsed.GetRequiredValue(by)), ("a", one), ("b", other)]), cancellation);
                return session.Write(
                    answer,
                    ["", one, other, "CHANGE", "95 % OF THE DIFFERENCE"],
                    answer.Differences.Select(difference => new[]
                    {
                        difference.Measure, Number(difference.A), Number(difference.B), difference.Change is { } change ? change.ToString("+0.0 %;-0.0 %;0 %", CultureInfo.InvariantCulture) : "",
                        difference is { Least: { } least, Most: { } most } ? $"{Number(least)} to {Number(most)}" : "",
                    }).Prepend(["calls", Number(answer.A?.Calls ?? 0), Number(answer.B?.Calls ?? 0), "", ""]));
            },
            [a, b, by, .. CallFilterOptions.Symbols]);
    }

    private static Command DefineAnomalies()
    {
        var measure = new Option<string?>("--measure") { Description = "calls, cost, tokens, failures, latency or first-token (their p95); calls when not given." };
        var least = new Option<string?>("--least") { Description = "How many deviations from the usual are told, 2 to 100 (4)." };
        return AdminSession.Define(
            "anomalies",
            "Hours that are unlike the same hours of the weeks before.",
            async (session, parsed, cancellation) =>
            {
                var answer = await session.Client.GetAsync<AnomaliesAnswer>(
                    ApiPath.Query("analysis/anomalies", [.. CallFilterOptions.Query(parsed), ("measure", parsed.GetValue(measure)), ("least", parsed.GetValue(least))]), cancellation);
                if (answer.Looked == 0 && !session.Json)
                {
                    session.Output.WriteLine("Of none of these hours is it known what is usual: the log needs two weeks before them.");
                    return ExitCode.Done;
                }

                return session.Write(
                    answer,
                    ["HOUR", Enum.GetName(answer.Measure)!.ToUpperInvariant(), "USUAL", "DEVIATIONS"],
                    answer.Items.Select(item => new[] { item.Hour.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Number(item.Value), Number(item.Usual), item.Deviations.ToString("+0.0;-0.0", CultureInfo.InvariantCulture) }));
            },
            [.. CallFilterOptions.Symbols, measure, least]);
    }

    private static Command Forecast()
    {
        var name = new Argument<string>("budget") { Description = "The budget's name." };
        var subject = new Option<string?>("--subject") { Description = "Whose, such as tenant/acme; not needed where the declaration names one subject." };
        return AdminSession.Define(
            "forecast",
            "When a budget ends, by what the hours of the weeks before spent.",
            async (session, parsed, cancellation) =>
            {
                var answer = await session.Client.GetAsync<ForecastAnswer>(
                    ApiPath.Query(ApiPath.Join("budgets", parsed.GetRequiredValue(name), "forecast"), ("subject", parsed.GetValue(subject))), cancellation);
                var scale = string.Equals(answer.Unit, "money", StringComparison.OrdinalIgnoreCase) ? 1e9 : 1;
                return session.Write(
                    answer,
                    ["BUDGET", "SUBJECT", "SPENT", "OF", "A DAY", "ENDS", "WINDOW ENDS", "SPENT THEN", "BASIS"],
                    [[
                        answer.Budget, answer.Subject, Number(answer.Spent / scale), Number(answer.Limit / scale), Number(answer.PerDay / scale), Day(answer.Ends) ?? "not before", Day(answer.WindowEnd) ?? "never",
                        Number(answer.SpentAtWindowEnd / scale), Enum.GetName(answer.Basis)!.ToLowerInvariant(),
                    ]]);
            },
            name,
            subject);
    }

    private static IEnumerable<string> Cells(FiguresView row) =>
    [
        Number(row.Calls), Percent(row.FailedShare), Number(row.Refused), Percent(row.RetriedShare), Percent(row.FromCacheShare), Percent(row.CachedShare), Number(row.InputTokens), Number(row.OutputTokens), row.Cost, row.Saved,
        Number(row.LatencyMs.P50), Number(row.LatencyMs.P95), Number(row.LatencyMs.P99), row.FirstMs is { } first ? Number(first.P50) : "", row.FirstMs is { } late ? Number(late.P95) : "",
    ];

    private static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("#,0.######", CultureInfo.InvariantCulture);
}
