using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice rollout</c></summary>
internal static class RolloutCommands
{
    private static readonly Argument<string> Name = new("name") { Description = "The rollout's name." };

    public static Command Define()
    {
        var all = new Option<bool>("--all") { Description = "The last step instead of the next." };
        return new Command("rollout", "Move traffic from one part of a split to another, step by step.")
        {
            RolloutStart.Define(),
            AdminSession.Define(
                "list",
                "List rollouts, the newest first.",
                async (session, _, cancellation) =>
                {
                    var list = await session.Client.GetAsync<RolloutList>("rollouts", cancellation);
                    return session.Write(list, ["NAME", "SPLIT", "FROM", "TO", "STATE", "STEP", "SHARE"], list.Items.Select(r => new[]
                    {
                        r.Name, Split(r.Route, r.Model, r.Canary), r.From, r.To, Spell(r.State), string.Create(CultureInfo.InvariantCulture, $"{r.Step}/{r.Steps}"), Share(r.Share),
                    }));
                }),
            AdminSession.Define(
                "get",
                "Show how a rollout stands, what was counted, and what it did and why.",
                async (session, parsed, cancellation) => RolloutReport.Write(session, await GetAsync(session, parsed.GetRequiredValue(Name), cancellation)),
                Name),
            AdminSession.Define(
                "watch",
                "Follow a rollout to its end, a line for each thing it does. The exit code is 0 where it completed.",
                async (session, parsed, cancellation) => await RolloutReport.FollowAsync(session, parsed.GetRequiredValue(Name), cancellation),
                Name),
            Steer("pause", "Stay at the step; the guards watch on."),
            Steer("resume", "Go on."),
            AdminSession.Define(
                "promote",
                "Publish the next step now.",
                async (session, parsed, cancellation) => await SteerAsync(
                    session, ApiPath.Query(ApiPath.Join("rollouts", parsed.GetRequiredValue(Name), "promote"), ("all", parsed.GetValue(all) ? "true" : null)), cancellation),
                Name,
                all),
            Steer("abort", "Publish the weights of before."),
        };
    }

    /// <summary>How a rollout stands.</summary>
    public static Task<RolloutAnswer> GetAsync(AdminSession session, string name, CancellationToken cancellation) =>
        session.Client.GetAsync<RolloutAnswer>(ApiPath.Join("rollouts", name), cancellation);

    /// <summary>What is moved, as people name it.</summary>
    public static string Split(string? route, string? model, string? canary) => route is not null ? $"route/{route}" : model is not null ? $"model/{model}" : $"canary/{canary}";

    /// <summary>A share in percent.</summary>
    public static string Share(int? share) => share is { } parts ? string.Create(CultureInfo.InvariantCulture, $"{parts / 100m:0.##}%") : "";

    /// <summary>A state as the API writes it.</summary>
    public static string Spell<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static Command Steer(string verb, string description) => AdminSession.Define(
        verb, description, async (session, parsed, cancellation) => await SteerAsync(session, ApiPath.Join("rollouts", parsed.GetRequiredValue(Name), verb), cancellation), Name);

    private static async Task<int> SteerAsync(AdminSession session, string path, CancellationToken cancellation)
    {
        var answer = await session.Client.PostAsync<RolloutAnswer>(path, null, cancellation);
        return session.Tell(answer, $"rollout {answer.Name} is {Spell(answer.State)}{(answer.State is RolloutState.RollingBack ? "" : string.Create(CultureInfo.InvariantCulture, $" at step {answer.Step} of {answer.Steps.Count}"))}");
    }
}
