using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Effects;

/// <summary>
/// How requests went in the minutes before and after each revision's activation, over all edges of a workspace; its key is the workspace's name. It promises: a batch that
/// was answered is durable and counted once, however often it is sent. Described in docs/monitoring.md.
/// </summary>
[Alias("sluice.effects")]
public interface IEffectGrain : IEdgeEffectGrain
{
    /// <summary>The effect of one revision; null: no edge told of it, or it is so old that it was let go.</summary>
    [Alias("effect")]
    Task<RevisionEffect?> FindAsync(long revision);

    /// <summary>The effects of the revisions that are still known, newest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<RevisionEffect>> ListAsync();
}

/// <summary>What an edge may ask of an <see cref="IEffectGrain"/>.</summary>
[EdgeCallable, Alias("sluice.effects-edge")]
public interface IEdgeEffectGrain : IGrainWithStringKey
{
    /// <summary>Counts a batch. Batches of one edge come in order: a number not greater than the last counted one is a repeat.</summary>
    [Alias("record")]
    Task RecordAsync(EffectBatch batch);
}

/// <summary>What one revision's requests came to on one edge.</summary>
/// <param name="Revision">The number; 0: of none that is known any more.</param>
[GenerateSerializer, Immutable, Alias("sluice.revision-figures")]
public sealed record RevisionFigures([property: Id(0)] long Revision, [property: Id(1)] RequestFigures Figures);

/// <summary>What an edge counted since its last batch.</summary>
/// <param name="Number">1, 2, 3 … for each edge.</param>
/// <param name="Active">The revision that the edge runs.</param>
/// <param name="Revisions">Each revision whose requests ended meanwhile.</param>
[GenerateSerializer, Immutable, Alias("sluice.effect-batch")]
public sealed record EffectBatch(
    [property: Id(0)] string Edge, [property: Id(1)] long Number, [property: Id(2)] long Active, [property: Id(3)] ImmutableArray<RevisionFigures> Revisions);

/// <summary>One side of a comparison.</summary>
/// <param name="Requests">Requests that ended.</param>
/// <param name="Errors">Of these: answered 5xx, or cut off after the answer had begun.</param>
/// <param name="Refused">Of these: answered 4xx.</param>
/// <param name="Left">Of these: the client left.</param>
/// <param name="Median">Of the time from arrival to the answer's end; known to 12.5 %; null: nothing was counted.</param>
/// <param name="P99">The 99th percentile, likewise.</param>
[GenerateSerializer, Immutable, Alias("sluice.effect-side")]
public sealed record EffectSide(
    [property: Id(0)] long Requests,
    [property: Id(1)] long Errors,
    [property: Id(2)] long Refused,
    [property: Id(3)] long Left,
    [property: Id(4)] TimeSpan? Median,
    [property: Id(5)] TimeSpan? P99);

/// <summary>What is surely worse after a revision than before.</summary>
[Flags]
public enum EffectVerdict
{
    /// <summary>Nothing is surely worse.</summary>
    None = 0,

    /// <summary>More requests fail.</summary>
    Errors = 1,

    /// <summary>More requests are refused.</summary>
    Refused = 2,
}

/// <summary>How requests went before a revision and after it.</summary>
/// <param name="Revision">The number.</param>
/// <param name="Since">When the first edge told that it runs it.</param>
/// <param name="Before">Under revisions before it, in the five minutes until then.</param>
/// <param name="After">Under it, in the five minutes from then on.</param>
/// <param name="IsOpen">True: the five minutes are not over.</param>
/// <param name="Worse">What is surely worse: beyond what chance explains, by bounds that hold however often one looks.</param>
[GenerateSerializer, Immutable, Alias("sluice.revision-effect")]
public sealed record RevisionEffect(
    [property: Id(0)] long Revision,
    [property: Id(1)] DateTimeOffset Since,
    [property: Id(2)] EffectSide Before,
    [property: Id(3)] EffectSide After,
    [property: Id(4)] bool IsOpen,
    [property: Id(5)] EffectVerdict Worse);
