using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Interfaces.Fleet;

/// <summary>
/// The fleet as silos use it: candidates are prepared on edges, and barriers passed; its key is the workspace's name. It promises: when a barrier is answered, each
/// of its edges has come as far as was asked, or holds no lease from before. Described in docs/reload.md.
/// </summary>
[Alias("sluice.fleet-barrier")]
public interface IFleetBarrierGrain : IGrainWithStringKey
{
    /// <summary>Has a candidate prepared by every edge that listens, and ends when all have answered, one refused, or ten seconds have passed.</summary>
    /// <param name="candidate">The stored revision.</param>
    /// <param name="waitForSilent">False: an edge that does not even hear of it, while others did at once, is left to the barrier. True: it is waited for as long as it may hold a lease.</param>
    [Alias("prepare"), ResponseTimeout("00:00:20")]
    Task<PrepareReport> PrepareAsync(CandidateKey candidate, bool waitForSilent);

    /// <summary>
    /// Has every edge of the durable set hold new requests until it hears what became of a candidate. First it waits for silent edges to speak or to be out of the set, so that
    /// nobody is held up for them.
    /// </summary>
    /// <param name="candidate">The head that is to be committed next, under the term of the row.</param>
    [Alias("hold"), ResponseTimeout("00:00:20")]
    Task<HoldReport> HoldAsync(Head candidate);

    /// <summary>A head was committed. Ends when each of the edges runs it, or when no lease from before the call holds any more.</summary>
    /// <param name="head">The head.</param>
    /// <param name="edges">The durable set of edges, from the row that was swapped in or one read later.</param>
    [Alias("activate")]
    Task<BarrierReport> ActivateAsync(Head head, ImmutableArray<string> edges);

    /// <summary>A change took a right away. Ends when each edge has applied all changes up to it, or holds no lease from before.</summary>
    [Alias("require")]
    Task<BarrierReport> RequireAsync(long change);
}

/// <summary>A revision that is stored but not committed.</summary>
[GenerateSerializer, Immutable, Alias("sluice.candidate")]
public sealed record CandidateKey([property: Id(0)] long Number, [property: Id(1)] string Hash);

/// <summary>What the edges said to a candidate.</summary>
/// <param name="Prepared">How many have it ready to be swapped in.</param>
/// <param name="Edge">The edge that refused it, or null.</param>
/// <param name="Refusal">Why, or null.</param>
/// <param name="Unready">Those that listen and hold leases, and did not answer in time; default: not told.</param>
[GenerateSerializer, Immutable, Alias("sluice.prepare-report")]
public sealed record PrepareReport(
    [property: Id(0)] int Prepared, [property: Id(1)] string? Edge, [property: Id(2)] EdgeRefusal? Refusal, [property: Id(3)] ImmutableArray<string> Unready = default);

/// <summary>Which edges hold for a candidate.</summary>
/// <param name="Held">Those that do, until they are let go.</param>
/// <param name="Missing">Those of the durable set that do not: they may admit under the head of before.</param>
[GenerateSerializer, Immutable, Alias("sluice.hold-report")]
public sealed record HoldReport([property: Id(0)] ImmutableArray<string> Held, [property: Id(1)] ImmutableArray<string> Missing);

/// <summary>How a barrier was passed.</summary>
public enum BarrierState
{
    /// <summary>It was not waited for.</summary>
    None,

    /// <summary>Some edges were silent until their leases had ended.</summary>
    Partial,

    /// <summary>Every edge that may hold a lease said that it is there.</summary>
    Complete,
}

/// <summary>How a barrier was passed, and by whom.</summary>
/// <param name="State">How.</param>
/// <param name="Activated">How many edges said that they are there.</param>
/// <param name="Lapsed">The edges that did not: no lease from before holds on them.</param>
[GenerateSerializer, Immutable, Alias("sluice.barrier-report")]
public sealed record BarrierReport([property: Id(0)] BarrierState State, [property: Id(1)] int Activated, [property: Id(2)] ImmutableArray<string> Lapsed)
{
    /// <summary>Not waited for.</summary>
    public static BarrierReport NotAwaited { get; } = new(BarrierState.None, 0, []);
}
