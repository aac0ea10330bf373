using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice usage</c></summary>
internal static class UsageCommand
{
    public static Command Define()
    {
        var tenant = new Argument<string>("tenant") { Description = "Whose usage." };
        var from = new Option<string?>("--from") { Description = "The first day (UTC), such as 2026-01-31; the last day when not given." };
        var to = new Option<string?>("--to") { Description = "The last day (UTC); today when not given." };
        var by = new Option<string?>("--by") { Description = "Any of day, hour, key, model, route, provider, target, tag, status, source, separated by commas; model when not given." };
        var csv = new Option<bool>("--csv") { Description = "Print comma-separated values with every kind of token instead of a table." };
        var usage = AdminSession.Define(
            "usage",
            "Show what a tenant used.",
            async (session, parsed, cancellation) =>
            {
                var path = ApiPath.Query(
                    ApiPath.Join("tenants", parsed.GetRequiredValue(tenant), "usage"),
                    ("from", parsed.GetValue(from)),
                    ("to", parsed.GetValue(to)),
                    ("by", parsed.GetValue(by)));
                var used = await session.Client.GetAsync<UsageAnswer>(path, cancellation);
                return parsed.GetValue(csv)
                    ? session.WriteCsv(UsageTable.Columns(used.By), used.Rows.Select(r => UsageTable.Row(used.By, r)))
                    : session.Write(
                        used,
                        [.. used.By.Select(d => d.ToString().ToUpperInvariant()), "REQUESTS", "INPUT", "CACHED", "OUTPUT", "REASONING", "COST USD", "FROM CACHE", "SAVED USD"],
                        [.. used.Rows.Select(r => Row(used.By, r)), Total(used)]);
            },
            tenant,
            from,
            to,
            by,
            csv);
        usage.Subcommands.Add(RerateCommand.Define());
        return usage;
    }

    private static string[] Total(UsageAnswer usage) =>
        usage.By.Count is 0 ? Figures(usage.Total) : ["total", .. Enumerable.Repeat("", usage.By.Count - 1), .. Figures(usage.Total)];

    private static string[] Row(IReadOnlyList<UsageDimension> by, UsageSum sum) => [.. by.Select(d => UsageTable.Cell(d, sum)), .. Figures(sum)];

    private static string[] Figures(UsageSum sum) =>
    [
        .. new[] { sum.Requests, sum.InputTokens, sum.CachedTokens, sum.OutputTokens, sum.ReasoningTokens }.Select(n => n.ToString("N0", CultureInfo.InvariantCulture)),
        sum.Cost,
        sum.CachedAnswers.ToString("N0", CultureInfo.InvariantCulture),
        sum.Saved,
    ];
}
