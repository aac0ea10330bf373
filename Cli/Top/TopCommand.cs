using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Cli.Commands;
using Sluice.Silo.Admin;
using Spectre.Console;

namespace Sluice.Cli.Top;

/// <summary><c>sluice top</c></summary>
internal static class TopCommand
{
    private const int MostRows = 15;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static Command Define()
    {
        var once = new Option<bool>("--once") { Description = "Print one snapshot and end; so it is with --json, and where the output is no terminal." };
        return AdminSession.Define(
            "top",
            "Watch traffic, spend, edges and revisions, until Ctrl-C.",
            async (session, parsed, cancellation) =>
            {
                var first = await AskAsync(session.Client, cancellation);
                if (session.Json)
                {
                    return session.WriteJson(first);
                }

                if (parsed.GetValue(once) || !session.Console.Profile.Out.IsTerminal)
                {
                    session.Console.Write(TopView.Draw(first));
                    return ExitCode.Done;
                }

                try
                {
                    await session.Console.Live(TopView.Draw(first)).StartAsync(async live =>
                    {
                        while (true)
                        {
                            await Task.Delay(Every, TimeProvider.System, cancellation);
                            live.UpdateTarget(TopView.Draw(await AskAsync(session.Client, cancellation)));
                        }
                    });
                }
                catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
                {
                    // Nobody looks any more.
                }

                return ExitCode.Done;
            },
            once);
    }

    private static async Task<TopSnapshot> AskAsync(AdminClient client, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        var edges = client.GetAsync<EdgeList>("edges", cancellation);
        var history = client.GetAsync<RevisionList>("revisions?limit=1", cancellation);
        var traffic = client.GetAsync<AnalysisAnswer>(ApiPath.Query("analysis/figures", ("by", "model"), ("from", Text(now - Window))), cancellation);
        var spend = client.GetAsync<AnalysisAnswer>(ApiPath.Query("analysis/figures", ("by", "tenant"), ("from", now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))), cancellation);
        await Task.WhenAll(edges, history, traffic, spend);
        var (live, active) = ((await edges).Items, (await history).Active);
        return new TopSnapshot(
            now,
            active,
            live.Count(edge => edge.Revision < active),
            live.Sum(edge => edge.RequestsPerSecond),
            live.Sum(edge => edge.InFlight),
            [.. (await traffic).Rows.OrderByDescending(row => row.Calls).Take(MostRows)],
            [.. (await spend).Rows.OrderByDescending(row => decimal.Parse(row.Cost, CultureInfo.InvariantCulture)).ThenByDescending(row => row.Calls).Take(MostRows)],
            live);
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
