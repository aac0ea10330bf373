using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>A rollout as people read it.</summary>
internal static class RolloutReport
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Prints how it stands.</summary>
    public static int Write(AdminSession session, RolloutAnswer rollout)
    {
        List<string> lines =
        [
            $"{rollout.Name}: {RolloutCommands.Split(rollout.Route, rollout.Model, rollout.Canary)} from {rollout.From} to {rollout.To}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{RolloutCommands.Spell(rollout.State)}, step {rollout.Step} of {rollout.Steps.Count} ({RolloutCommands.Share(rollout.Share ?? 0)}), held {rollout.Held}{(rollout.Hold is { } hold ? $" of {hold}" : "")}"),
            Tell("old", rollout.From, rollout.Old),
            Tell("new", rollout.To, rollout.New),
            .. rollout.Guards.Select(g => $"guard {g.Guard} is {RolloutCommands.Spell(g.Verdict)}: {g.Says}"),
            .. rollout.History.Select(Tell),
        ];
        return session.Tell(rollout, [.. lines]);
    }

    /// <summary>Prints what it does, to its end.</summary>
    public static async Task<int> FollowAsync(AdminSession session, string name, CancellationToken cancellation)
    {
        var told = 0;
        while (true)
        {
            var rollout = await RolloutCommands.GetAsync(session, name, cancellation);

            // Of a very long history the oldest are let go, so that it may be shorter than what was told.
            foreach (var happened in rollout.History.Skip(told))
            {
                if (session.Json)
                {
                    session.WriteJson(happened);
                }
                else
                {
                    await session.Output.WriteLineAsync(Tell(happened));
                }
            }

            told = Math.Max(told, rollout.History.Count);
            await session.Output.FlushAsync(cancellation);
            switch (rollout.State)
            {
                case RolloutState.Completed:
                    return ExitCode.Done;
                case RolloutState.RolledBack or RolloutState.Aborted or RolloutState.Stopped:
                    return ExitCode.Failed;
                default:
                    await Task.Delay(LookEvery, TimeProvider.System, cancellation);
                    break;
            }
        }
    }

    private static string Tell(string which, string part, FiguresAnswer f) => string.Create(
        CultureInfo.InvariantCulture,
        $"{which} {part}: {f.Requests} requests, {f.Failures} failed, {f.Refusals} refused{(f.MissingUsage > 0 ? $", {f.MissingUsage} without usage" : "")}, mean latency {f.MeanLatencyMs ?? 0:0.###} ms{(f.MeanCost is { } cost ? $", mean cost {cost} USD" : "")}");

    private static string Tell(RolloutEventAnswer e) => string.Create(
        CultureInfo.InvariantCulture, $"{e.At:yyyy-MM-dd HH:mm:ss'Z'}  {e.What,-12}  {(e.Revision is { } revision ? $"revision {revision}  " : "")}{e.Why}  by {e.By.Name}");
}
