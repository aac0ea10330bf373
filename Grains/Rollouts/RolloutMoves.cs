using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>What a rollout decides from how it stands. Plain rules, described in docs/rollouts.md.</summary>
public static class RolloutMoves
{
    /// <summary>What is to be done now; null: nothing.</summary>
    /// <param name="rollout">As it stands; nothing is pending.</param>
    /// <param name="guards">As they stand at this step.</param>
    /// <param name="requests">How many the part that takes has answered at this step.</param>
    public static Decision? Decide(StoredRollout rollout, ImmutableArray<GuardStanding> guards, long requests)
    {
        if (rollout.HasEnded || rollout.Spec is not { } spec || rollout.Step == 0)
        {
            return null;
        }

        if (guards.FirstOrDefault(g => g.Verdict is GuardVerdict.Failed) is { } failed)
        {
            return new Decision.GoBack($"guard {failed.Guard} failed at {Name(spec, rollout.Step)}: {failed.Says}");
        }

        if (rollout.State is not RolloutState.Running)
        {
            return null;
        }

        var step = spec.Steps[rollout.Step - 1];
        var isLast = rollout.Step == spec.Steps.Length;
        if (rollout.Held < step.Hold)
        {
            return null;
        }

        if (requests >= spec.MinimumRequests || (isLast && step.Hold == TimeSpan.Zero))
        {
            return isLast ? new Decision.Complete("the last step is published and held")
                : new Decision.Advance(string.Create(CultureInfo.InvariantCulture, $"{Name(spec, rollout.Step)} was held, no guard failed over {requests} requests"));
        }

        if (rollout.Held < step.Hold + spec.Timeout)
        {
            return null;
        }

        var why = string.Create(CultureInfo.InvariantCulture, $"only {requests} of at least {spec.MinimumRequests} requests came to the new part at {Name(spec, rollout.Step)} in time");
        return spec.OnTimeout switch
        {
            TimeoutAction.Pause => new Decision.Hold(why),
            TimeoutAction.Rollback => new Decision.GoBack(why),
            _ => isLast ? new Decision.Complete(why) : new Decision.Advance(why),
        };
    }

    /// <summary>What somebody's command does; the reason where it can do nothing.</summary>
    public static (StoredRollout? Next, string? Refusal) Steer(StoredRollout rollout, RolloutCommand command, Author author, DateTimeOffset now, string publishId)
    {
        var spec = rollout.Spec!;
        if (rollout.HasEnded)
        {
            return (null, $"the rollout has ended: it is {Spell(rollout.State)}");
        }

        if (rollout.State is RolloutState.RollingBack)
        {
            return (null, "the rollout is going back to the weights of before");
        }

        switch (command)
        {
            case RolloutCommand.Pause when rollout.State is RolloutState.Paused:
                return (null, "the rollout is paused already");
            case RolloutCommand.Pause:
                return ((rollout with { State = RolloutState.Paused, Pending = rollout.Pending is { } step ? step with { Then = RolloutState.Paused } : null })
                    .Tell(new RolloutEvent(now, "paused", "somebody asked for it", rollout.Step, null, author)), null);
            case RolloutCommand.Resume when rollout.State is not RolloutState.Paused:
                return (null, "the rollout is not paused");
            case RolloutCommand.Resume:
                // Where the minimum did not come in time, the time begins anew.
                var hold = rollout.Step == 0 ? TimeSpan.Zero : spec.Steps[rollout.Step - 1].Hold;
                return ((rollout with
                {
                    State = RolloutState.Running, Held = rollout.Held < hold ? rollout.Held : hold, Pending = rollout.Pending is { } waiting ? waiting with { Then = RolloutState.Running } : null,
                }).Tell(new RolloutEvent(now, "resumed", "somebody asked for it", rollout.Step, null, author)), null);
            case RolloutCommand.Promote or RolloutCommand.PromoteToEnd when rollout.Pending is not null:
                return (null, "a step is being published; ask again when it is");
            case RolloutCommand.Promote or RolloutCommand.PromoteToEnd when rollout.Step == spec.Steps.Length:
                return (null, "the rollout is at its last step");
            case RolloutCommand.Promote or RolloutCommand.PromoteToEnd:
                var next = command is RolloutCommand.Promote ? rollout.Step + 1 : spec.Steps.Length;
                return ((rollout with { State = RolloutState.Running, Pending = new PendingPublish(publishId, next, RolloutState.Running, "somebody asked for it", author) })
                    .Tell(new RolloutEvent(now, "promoted", $"to {Name(spec, next)}", rollout.Step, null, author)), null);
            default:
                return (GoBack(rollout, "somebody asked for it", RolloutState.Aborted, author, now, publishId), null);
        }
    }

    /// <summary>On the way to the weights of before.</summary>
    public static StoredRollout GoBack(StoredRollout rollout, string why, RolloutState then, Author author, DateTimeOffset now, string publishId) =>
        (rollout with { State = RolloutState.RollingBack, Pending = new PendingPublish(publishId, 0, then, why, author) })
        .Tell(new RolloutEvent(now, "rolling-back", why, rollout.Step, null, author));

    /// <summary>A step as people read it.</summary>
    public static string Name(RolloutSpec spec, int step) => step == 0 ? "the weights of before"
        : string.Create(CultureInfo.InvariantCulture, $"step {step} of {spec.Steps.Length} ({spec.Steps[step - 1].Share} of {RolloutStep.Whole} to {spec.To})");

    /// <summary>A state as the API writes it.</summary>
    public static string Spell(RolloutState state) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());
}

/// <summary>What a rollout is to do: one of the records nested here.</summary>
/// <param name="Why">In a sentence.</param>
public abstract record Decision(string Why)
{
    /// <summary>Publish the next step.</summary>
    public sealed record Advance(string Why) : Decision(Why);

    /// <summary>Publish the weights of before.</summary>
    public sealed record GoBack(string Why) : Decision(Why);

    /// <summary>Stay, and wait for somebody.</summary>
    public sealed record Hold(string Why) : Decision(Why);

    /// <summary>End: all is done.</summary>
    public sealed record Complete(string Why) : Decision(Why);
}
