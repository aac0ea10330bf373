using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice reloads</c></summary>
internal static class ReloadsCommand
{
    public static Command Define()
    {
        var from = new Option<string?>("--from") { Description = "The first day (UTC), such as 2026-01-31; six days before the last when not given.", HelpName = "DAY" };
        var to = new Option<string?>("--to") { Description = "The last day (UTC); today when not given.", HelpName = "DAY" };
        var author = new Option<string?>("--author") { Description = "Of one author, by the name that the history has.", HelpName = "NAME" };
        var limit = new Option<int>("--limit") { Description = "How many refusals are shown, 1 to 1,000.", DefaultValueFactory = _ => 20 };
        return AdminSession.Define(
            "reloads",
            "Show publishes over a time by author and outcome, how long their phases took, and why some were refused.",
            async (session, parsed, cancellation) =>
            {
                var answer = await session.Client.GetAsync<ReloadsAnswer>(
                    ApiPath.Query(
                        "reloads",
                        ("from", parsed.GetValue(from)),
                        ("to", parsed.GetValue(to)),
                        ("author", parsed.GetValue(author)),
                        ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture))),
                    cancellation);
                var code = session.Write(answer, ["AUTHOR", "VIA", "RELOADS", "ROLLBACKS", "OUTCOMES", "MEDIAN MS", "P95 MS"], answer.Authors.Append(answer.Total).Select(Row));
                if (!session.Json)
                {
                    WriteRest(session, answer);
                }

                return code;
            },
            from,
            to,
            author,
            limit);
    }

    private static void WriteRest(AdminSession session, ReloadsAnswer answer)
    {
        if (answer.Phases.Count > 0)
        {
            session.Output.WriteLine();
            session.Write(answer.Phases, ["PHASE", "RELOADS", "MEDIAN MS", "P95 MS"], answer.Phases.Select(p => new[] { p.Phase, Text(p.Count), Text(p.Duration.MedianMs), Text(p.Duration.P95Ms) }));
        }

        // Why is a sentence or two: in a table it would leave the others no room.
        foreach (var refused in answer.Refusals)
        {
            session.Output.WriteLine();
            session.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{refused.At:yyyy-MM-dd HH:mm:ss'Z'}  {refused.Author.Name} ({refused.Author.Via})  refused: {refused.Outcome.ToString().ToLowerInvariant()}, {refused.Code}{(refused.Edge is { } edge ? $" on {edge}" : "")}"));
            session.Output.WriteLine($"  {refused.Why}");
        }

        if (answer.Dropped > 0)
        {
            session.Output.WriteLine(FormattableString.Invariant($"{answer.Dropped} more are in no figure: of each day only the last are kept."));
        }
    }

    private static string[] Row(ReloadFigures figures) =>
    [
        figures.Author ?? "all",
        string.Join(", ", figures.Via),
        Text(figures.Reloads),
        Text(figures.Rollbacks),
        string.Join(", ", figures.Outcomes.Select(o => FormattableString.Invariant($"{o.Value} {o.Key}"))),
        figures.Duration is { } median ? Text(median.MedianMs) : "",
        figures.Duration is { } high ? Text(high.P95Ms) : "",
    ];

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
