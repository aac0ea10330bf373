using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Rollouts;

/// <summary>What a rollout moves the weights of.</summary>
public enum SplitKind
{
    /// <summary>The upstreams in the split of a <c>Route</c>, each named as the upstream.</summary>
    Route,

    /// <summary>The targets of a <c>Model</c> with strategy <c>weighted</c>, each named <c>provider/model</c>.</summary>
    Model,

    /// <summary>The two sides of a <c>Canary</c>: those who are served without its change, and those under it.</summary>
    Canary,
}

/// <summary>What the two sides of a canary are called as parts of a split.</summary>
public static class CanaryParts
{
    /// <summary>Without the change.</summary>
    public const string Stable = "stable";

    /// <summary>Under the change.</summary>
    public const string Canary = "canary";
}

/// <summary>What becomes of a rollout at a step whose minimum of requests did not come in time.</summary>
public enum TimeoutAction
{
    /// <summary>It pauses, and says so: somebody must look.</summary>
    Pause,

    /// <summary>It goes back to the weights of before.</summary>
    Rollback,

    /// <summary>It goes on to the next step.</summary>
    Advance,
}

/// <summary>How traffic is to be moved, and what ends that. Described in docs/rollouts.md.</summary>
/// <param name="Kind">Of the resource whose weights move.</param>
/// <param name="Resource">Its name.</param>
/// <param name="From">The part that gives.</param>
/// <param name="To">The part that takes.</param>
/// <param name="Steps">At least one, with rising shares.</param>
/// <param name="Guards">What must not get worse.</param>
/// <param name="Alpha">The chance of a false alarm that is accepted for the whole rollout, above 0 and at most 0.5.</param>
/// <param name="MinimumRequests">How many requests the part that takes must have answered before a step ends; 0: the time alone decides.</param>
/// <param name="Timeout">How long after its hold a step waits for that minimum.</param>
/// <param name="OnTimeout">What happens then.</param>
[GenerateSerializer, Immutable, Alias("sluice.rollout-spec")]
public sealed record RolloutSpec(
    [property: Id(0)] SplitKind Kind,
    [property: Id(1)] string Resource,
    [property: Id(2)] string From,
    [property: Id(3)] string To,
    [property: Id(4)] ImmutableArray<RolloutStep> Steps,
    [property: Id(5)] RolloutGuards Guards,
    [property: Id(6)] double Alpha,
    [property: Id(7)] long MinimumRequests,
    [property: Id(8)] TimeSpan Timeout,
    [property: Id(9)] TimeoutAction OnTimeout);

/// <summary>One step.</summary>
/// <param name="Share">Of what the two parts have together, how much the part that takes gets: 1 to 10,000 ten-thousandths.</param>
/// <param name="Hold">How long the step lasts at least.</param>
[GenerateSerializer, Immutable, Alias("sluice.rollout-step")]
public readonly record struct RolloutStep([property: Id(0)] int Share, [property: Id(1)] TimeSpan Hold)
{
    /// <summary>The share that is all.</summary>
    public const int Whole = 10_000;
}

/// <summary>What must not get worse; null: not looked at.</summary>
/// <param name="ErrorRate">By how much the rate of failures may be above that of the old part, 0 to 1.</param>
/// <param name="Latency">How slow the new part may be.</param>
/// <param name="CostRatio">How many times as much a request may cost on average, at least 1.</param>
/// <param name="Refusals">By how much the rate of refusals may be above that of the old part, 0 to 1.</param>
/// <param name="MissingUsage">By how much the rate of answers without usage may be above that of the old part, 0 to 1.</param>
[GenerateSerializer, Immutable, Alias("sluice.rollout-guards")]
public sealed record RolloutGuards(
    [property: Id(0)] double? ErrorRate,
    [property: Id(1)] LatencyGuard? Latency,
    [property: Id(2)] double? CostRatio,
    [property: Id(3)] double? Refusals,
    [property: Id(4)] double? MissingUsage);

/// <summary>How slow the new part may be.</summary>
/// <param name="Quantile">Above 0 and below 1: that quantile is compared; null: the mean.</param>
/// <param name="Ratio">How many times as slow, at least 1.</param>
[GenerateSerializer, Immutable, Alias("sluice.latency-guard")]
public sealed record LatencyGuard([property: Id(0)] double? Quantile, [property: Id(1)] double Ratio);
