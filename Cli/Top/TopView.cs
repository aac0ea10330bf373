using System.Globalization;
using Sluice.Silo.Admin;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sluice.Cli.Top;

/// <summary>Draws a snapshot as three tables under a line of sums.</summary>
internal static class TopView
{
    private const int SecondsOfTraffic = 60;
    private const double ManyFailures = 0.01;
    private static readonly Style Red = new(Color.Red);

    /// <summary>What is drawn.</summary>
    public static IRenderable Draw(TopSnapshot now) => new Rows(
        new Markup(string.Create(
            CultureInfo.InvariantCulture,
            $"[bold]{now.At:HH:mm:ss}Z[/]  revision [bold]{now.Revision}[/]  {now.Edges.Count} edges{(now.Behind == 0 ? "" : $", [red]{now.Behind} behind[/]")}  {now.RequestsPerSecond:0.0} requests/s, {now.InFlight} under way")),
        Table("the last minute", ["MODEL, ROUTE", "CALLS/S", "FAILED", "REFUSED", "RETRIED", "FROM CACHE", "P50 MS", "P95 MS", "FIRST P50", "TOKENS/S", "USD", "SAVED"], now.Traffic.Select(Traffic)),
        Table("today", ["TENANT", "CALLS", "FAILED", "TOKENS", "CACHED IN", "FROM CACHE", "USD", "SAVED"], now.Spend.Select(Spend)),
        Table("edges", ["EDGE", "ADDRESS", "REVISION", "REQUESTS/S", "UNDER WAY", "OLD REVISIONS", "FAULT"], now.Edges.Select(edge => Edge(edge, now.Revision))));

    private static Rows Table(string title, string[] columns, IEnumerable<IRenderable[]> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in rows)
        {
            table.AddRow(row);
        }

        return new Rows(Text.Empty, new Text(title, new Style(Color.Grey)), table);
    }

    private static IRenderable[] Traffic(FiguresView row) =>
    [
        Cell(row.Of["model"] is { Length: > 0 } name ? name : "(none)"), Cell(row.Calls / (double)SecondsOfTraffic, "0.00"), Share(row.FailedShare), Cell(row.Refused, "0"), Cell(row.RetriedShare, "0.0 %"), Cell(row.FromCacheShare, "0.0 %"),
        Cell(row.LatencyMs.P50, "0"), Cell(row.LatencyMs.P95, "0"), row.FirstMs is { } first ? Cell(first.P50, "0") : Cell(""), Cell((row.InputTokens + row.OutputTokens) / (double)SecondsOfTraffic, "0.0"), Cell(row.Cost), Cell(row.Saved),
    ];

    private static IRenderable[] Spend(FiguresView row) =>
        [Cell(row.Of["tenant"]), Cell(row.Calls, "#,0"), Share(row.FailedShare), Cell(row.InputTokens + row.OutputTokens, "#,0"), Cell(row.CachedShare, "0.0 %"), Cell(row.FromCacheShare, "0.0 %"), Cell(row.Cost), Cell(row.Saved)];

    private static IRenderable[] Edge(EdgeItem edge, long revision) =>
    [
        Cell(edge.Id), Cell(edge.Address), new Text(edge.Revision.ToString(CultureInfo.InvariantCulture), edge.Revision < revision ? Red : Style.Plain), Cell(edge.RequestsPerSecond, "0.0"), Cell(edge.InFlight, "0"),
        Cell(edge.OldRevisions, "0"), new Text(edge.Fault ?? "", Red),
    ];

    private static Text Share(double share) => new(share.ToString("0.0 %", CultureInfo.InvariantCulture), share >= ManyFailures ? Red : Style.Plain);

    private static Text Cell(double number, string format) => new(number.ToString(format, CultureInfo.InvariantCulture));

    private static Text Cell(string text) => new(text);
}
