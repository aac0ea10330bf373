using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Alerts;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice alerts</c></summary>
internal static class AlertsCommand
{
    private static readonly string[] States = ["ALERT", "ABOUT", "STATE", "SEVERITY", "SINCE", "VALUE", "CONDITION"];
    private static readonly string[] Happened = ["AT", "ALERT", "ABOUT", "STATE", "SEVERITY", "VALUE", "SUMMARY"];
    private static readonly string[] Silences = ["ID", "ALERT", "ABOUT", "UNTIL", "BY", "REASON"];

    public static Command Define()
    {
        var alert = new Argument<string>("alert") { Description = "The alert's name." };
        var id = new Argument<string>("id") { Description = "As the silences list it." };
        var time = new Option<string>("--for") { Description = "For how long, 1m to 30d (2h).", HelpName = "TIME", DefaultValueFactory = _ => "2h" };
        var about = new Option<string?>("--about") { Description = "Of this group alone, such as certificate=shop.", HelpName = "GROUP" };
        var reason = new Option<string?>("--reason") { Description = "Why; it is kept.", HelpName = "TEXT" };
        Command[] others =
        [
            AdminSession.Define("history", "List the last begins and ends, the newest first.", async (session, _, cancellation) =>
            {
                var list = await session.Client.GetAsync<AlertHistory>("alerts/history", cancellation);
                return session.Write(list, Happened, list.Items.Select(t => new[]
                {
                    Time(t.At), t.Alert, t.About, t.IsSilenced ? $"{Word(t.Phase)}, silenced" : Word(t.Phase), t.Severity.ToString().ToLowerInvariant(), Number(t.Value), t.Summary,
                }));
            }),
            AdminSession.Define("silences", "List the alerts of which nobody is told for a time.", async (session, _, cancellation) =>
            {
                var list = await session.Client.GetAsync<SilenceList>("alerts/silences", cancellation);
                return session.Write(list, Silences, list.Items.Select(Row));
            }),
            AdminSession.Define(
                "silence",
                "Tell nobody of an alert for a time.",
                async (session, parsed, cancellation) =>
                {
                    var body = new SilenceBody(parsed.GetRequiredValue(alert), parsed.GetValue(about), parsed.GetValue(time), parsed.GetValue(reason));
                    var silence = await session.Client.PostAsync<AlertSilence>("alerts/silences", body, cancellation);
                    return session.Write(silence, Silences, [Row(silence)]);
                },
                alert,
                time,
                about,
                reason),
            AdminSession.Define(
                "unsilence",
                "End a silence.",
                async (session, parsed, cancellation) =>
                {
                    await session.Client.DeleteAsync(ApiPath.Join("alerts", "silences", parsed.GetRequiredValue(id)), cancellation);
                    return session.Tell(new { ended = parsed.GetRequiredValue(id) }, $"{parsed.GetRequiredValue(id)} is ended.");
                },
                id),
        ];
        var command = AdminSession.Define("alerts", "Show what alerts stand at, those that fire first; what became of them; and silence them.", ListAsync);
        foreach (var other in others)
        {
            command.Add(other);
        }

        return command;
    }

    private static async Task<int> ListAsync(AdminSession session, ParseResult parsed, CancellationToken cancellation)
    {
        var list = await session.Client.GetAsync<AlertList>("alerts/states", cancellation);
        return session.Write(list, States, list.Items.OrderByDescending(a => Rank(a.Phase)).ThenBy(a => a.Alert, StringComparer.Ordinal).Select(a => new[]
        {
            a.Alert, a.About, a.IsSilenced ? $"{Word(a.Phase)}, silenced" : Word(a.Phase), a.Severity.ToString().ToLowerInvariant(), a.Since is { } since ? Time(since) : "", Number(a.Value), a.Condition,
        }));
    }

    private static string[] Row(AlertSilence s) => [s.Id, s.Alert, s.About ?? "", Time(s.Until), s.By, s.Reason ?? ""];

    private static int Rank(AlertPhase phase) => phase switch { AlertPhase.Firing => 2, AlertPhase.Pending => 1, _ => 0 };

    private static string Word(AlertPhase phase) => phase.ToString().ToLowerInvariant();

    private static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
