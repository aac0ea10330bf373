using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Rollouts;

/// <summary>Where a rollout is.</summary>
public enum RolloutState
{
    /// <summary>It moves traffic, step by step.</summary>
    Running,

    /// <summary>It stays at its step; its guards watch on.</summary>
    Paused,

    /// <summary>It is about to publish the weights of before.</summary>
    RollingBack,

    /// <summary>Ended: the last step is published.</summary>
    Completed,

    /// <summary>Ended: a guard failed or a minimum did not come, and the weights of before are published.</summary>
    RolledBack,

    /// <summary>Ended: somebody asked for it, and the weights of before are published.</summary>
    Aborted,

    /// <summary>Ended: somebody else changed the split, or the change could not be published. The weights are as they were found.</summary>
    Stopped,
}

/// <summary>How a rollout stands.</summary>
/// <param name="Step">From 1; 0 before the first step is published.</param>
/// <param name="Share">Of the step, in ten-thousandths; at its end, of what it ended with.</param>
/// <param name="Held">How long the step has been held.</param>
/// <param name="Old">Of the part that gives: what was counted at this step, or at the step before where it gets nothing any more.</param>
/// <param name="New">Of the part that takes: what was counted at this step.</param>
/// <param name="History">What it did and why, oldest first.</param>
[GenerateSerializer, Immutable, Alias("sluice.rollout-status")]
public sealed record RolloutStatus(
    [property: Id(0)] string Name,
    [property: Id(1)] RolloutSpec Spec,
    [property: Id(2)] RolloutState State,
    [property: Id(3)] int Step,
    [property: Id(4)] int? Share,
    [property: Id(5)] TimeSpan Held,
    [property: Id(6)] PartFigures Old,
    [property: Id(7)] PartFigures New,
    [property: Id(8)] ImmutableArray<GuardStanding> Guards,
    [property: Id(9)] ImmutableArray<RolloutEvent> History,
    [property: Id(10)] ImmutableArray<SplitWeight> Before);

/// <summary>How a guard stands at this step.</summary>
public enum GuardVerdict
{
    /// <summary>Too little was counted to say anything.</summary>
    Waiting,

    /// <summary>Nothing shows that it is worse than allowed.</summary>
    Holding,

    /// <summary>It is worse than allowed, up to the accepted chance of a false alarm.</summary>
    Failed,
}

/// <summary>How a guard stands.</summary>
/// <param name="Guard"><c>errorRate</c>, <c>latency</c>, <c>cost</c>, <c>refusals</c> or <c>missingUsage</c>.</param>
/// <param name="Old">Estimate for the old part and, at most with the accepted chance of error, its greatest value; in the guard's unit.</param>
/// <param name="New">Estimate for the new part and, at most with the accepted chance of error, its least value.</param>
/// <param name="Bound">What the least value of the new part must not be above.</param>
[GenerateSerializer, Immutable, Alias("sluice.guard-standing")]
public sealed record GuardStanding(
    [property: Id(0)] string Guard,
    [property: Id(1)] GuardVerdict Verdict,
    [property: Id(2)] Estimate Old,
    [property: Id(3)] Estimate New,
    [property: Id(4)] double? Bound,
    [property: Id(5)] string Says);

/// <summary>What is known of a value.</summary>
/// <param name="Value">As counted; null: nothing was.</param>
/// <param name="Limit">How far it may be away in the direction that matters; null: anywhere.</param>
[GenerateSerializer, Immutable, Alias("sluice.estimate")]
public readonly record struct Estimate([property: Id(0)] double? Value, [property: Id(1)] double? Limit);

/// <summary>Something that a rollout did.</summary>
/// <param name="What"><c>started</c>, <c>step</c>, <c>paused</c>, <c>resumed</c>, <c>promoted</c>, <c>rolling-back</c>, and the states that end it.</param>
/// <param name="Why">In a sentence.</param>
/// <param name="Step">At which step.</param>
/// <param name="Revision">That it made, or found; null where there is none.</param>
[GenerateSerializer, Immutable, Alias("sluice.rollout-event")]
public sealed record RolloutEvent(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] string What,
    [property: Id(2)] string Why,
    [property: Id(3)] int Step,
    [property: Id(4)] long? Revision,
    [property: Id(5)] Author By);

/// <summary>A part of a split and its weight.</summary>
/// <param name="Part">The upstream, or <c>provider/model</c>.</param>
[GenerateSerializer, Immutable, Alias("sluice.split-weight")]
public readonly record struct SplitWeight([property: Id(0)] string Part, [property: Id(1)] int Weight);
