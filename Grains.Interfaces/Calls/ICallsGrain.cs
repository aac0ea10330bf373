using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Calls;

/// <summary>
/// Gathers the calls of the last hour from the edges of a workspace, when somebody asks; its key is the workspace's name. It keeps none: what is not asked for stays on
/// the edges. All who ask while one gathering is under way share it. See docs/explain.md, "Replay".
/// </summary>
[Alias("sluice.calls")]
public interface ICallsGrain : IEdgeCallsGrain
{
    /// <summary>Asks every live edge, and ends when all have told their calls, or after five seconds.</summary>
    [Alias("gather"), ResponseTimeout("00:00:20")]
    Task<GatheredCalls> GatherAsync();

    /// <summary>Asks every live edge what it has measured of a model's targets, and no calls. While another gathering is under way it waits for its end.</summary>
    /// <exception cref="TimeoutException">Too many others are asked before it.</exception>
    [Alias("gather-targets"), ResponseTimeout("00:00:20")]
    Task<GatheredCalls> GatherTargetsAsync(string model);
}

/// <summary>What an edge may tell an <see cref="ICallsGrain"/>.</summary>
[EdgeCallable, Alias("sluice.calls-edge")]
public interface IEdgeCallsGrain : IGrainWithStringKey
{
    /// <summary>An edge tells a part of its calls. What nobody asked for is dropped.</summary>
    [Alias("deliver")]
    Task DeliverAsync(CallBatch batch);
}

/// <summary>Asks edges for their calls.</summary>
/// <param name="Number">Of this gathering; each has another.</param>
/// <param name="MostCalls">The most that one edge is to tell: of more an even sample.</param>
/// <param name="MostCharacters">The most text that they may have in all.</param>
/// <param name="TargetsOf">Not calls are wanted, but what is measured of this model's targets; null: calls.</param>
[GenerateSerializer, Immutable, Alias("sluice.calls-wanted")]
public sealed record CallsWanted([property: Id(0)] long Number, [property: Id(1)] int MostCalls, [property: Id(2)] int MostCharacters, [property: Id(3)] string? TargetsOf = null);

/// <summary>A part of what one edge tells.</summary>
/// <param name="Wanted">The number of the gathering.</param>
/// <param name="Edge">Who tells.</param>
/// <param name="Part">0, 1, 2 …</param>
/// <param name="IsLast">Whether all is told with it.</param>
/// <param name="Calls">At most 500.</param>
/// <param name="Sum">Of all parts; told with each.</param>
/// <param name="Targets">What is measured of a model's targets, where that is wanted.</param>
[GenerateSerializer, Immutable, Alias("sluice.call-batch")]
public sealed record CallBatch(
    [property: Id(0)] long Wanted,
    [property: Id(1)] string Edge,
    [property: Id(2)] int Part,
    [property: Id(3)] bool IsLast,
    [property: Id(4)] ImmutableArray<SampledCall> Calls,
    [property: Id(5)] CallSum Sum,
    [property: Id(6)] ImmutableArray<TargetReading> Targets = default);

/// <summary>A call that stands for others.</summary>
/// <param name="Call">The call.</param>
/// <param name="StandsFor">How many calls of that minute, this one among them; 1 or more.</param>
[GenerateSerializer, Immutable, Alias("sluice.sampled-call")]
public readonly record struct SampledCall([property: Id(0)] CallRecord Call, [property: Id(1)] double StandsFor);

/// <summary>What an edge has counted of the last hour.</summary>
/// <param name="IsOff">It keeps no calls.</param>
/// <param name="Since">From when on it has counted.</param>
/// <param name="Seen">All calls.</param>
/// <param name="TooLarge">Calls whose path and values were too long to be kept.</param>
[GenerateSerializer, Immutable, Alias("sluice.call-sum")]
public sealed record CallSum([property: Id(0)] bool IsOff, [property: Id(1)] DateTimeOffset Since, [property: Id(2)] long Seen, [property: Id(3)] long TooLarge);

/// <summary>What the edges have told.</summary>
/// <param name="Edges">Those that told all.</param>
/// <param name="Silent">Live edges that did not in time.</param>
[GenerateSerializer, Immutable, Alias("sluice.gathered-calls")]
public sealed record GatheredCalls([property: Id(0)] ImmutableArray<EdgeCalls> Edges, [property: Id(1)] ImmutableArray<string> Silent);

/// <summary>What one edge has told.</summary>
/// <param name="Targets">What it has measured of a model's targets, where that was wanted.</param>
[GenerateSerializer, Immutable, Alias("sluice.edge-calls")]
public sealed record EdgeCalls([property: Id(0)] string Edge, [property: Id(1)] CallSum Sum, [property: Id(2)] ImmutableArray<SampledCall> Calls, [property: Id(3)] ImmutableArray<TargetReading> Targets = default);
