using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>
/// What one tenant used on one day (UTC), rolled up by hour, key, model and outcome; key: <c>workspace|tenant|yyyyMMdd</c>. It promises: a batch that was
/// answered is durable and counted once, however often it is sent.
/// </summary>
[Alias("sluice.usage")]
public interface IUsageGrain : IEdgeUsageGrain
{
    /// <summary>The day's rows.</summary>
    [Alias("rows")]
    Task<ImmutableArray<UsageRow>> GetRowsAsync();
}

/// <summary>What an edge may ask of an <see cref="IUsageGrain"/>.</summary>
[EdgeCallable, Alias("sluice.usage-edge")]
public interface IEdgeUsageGrain : IGrainWithStringKey
{
    /// <summary>Counts a batch. Batches of one edge come in order: a number not greater than the last counted one is a repeat.</summary>
    [Alias("record")]
    Task RecordAsync(UsageBatch batch);
}

/// <summary>What an edge sends at once to one tenant's day.</summary>
/// <param name="Number">1, 2, 3 … for each edge and day grain.</param>
[GenerateSerializer, Immutable, Alias("sluice.usage-batch")]
public sealed record UsageBatch([property: Id(0)] string Edge, [property: Id(1)] long Number, [property: Id(2)] ImmutableArray<UsageRow> Rows);

/// <summary>From where a token count comes, the surest first.</summary>
public enum UsageSource
{
    /// <summary>The provider's final figure.</summary>
    Reported,

    /// <summary>The provider's figure before the end of a stream that was cut.</summary>
    Partial,

    /// <summary>Bounded by the gateway from the bytes that passed.</summary>
    Estimated,

    /// <summary>The whole reservation, because nothing else is known.</summary>
    Reserved,

    /// <summary>Nothing was used: no upstream was reached, or the route has no tokens.</summary>
    None,
}

/// <summary>What usage is summed by.</summary>
/// <param name="Hour">0 to 23, UTC.</param>
/// <param name="Model">The model or, for plain routes, <c>route/</c> and the route's name.</param>
/// <param name="Target">The provider and model that served, as <c>provider/model</c>; empty for plain routes and refusals.</param>
/// <param name="Status">The HTTP status that the client saw; 499 where it left.</param>
[GenerateSerializer, Immutable, Alias("sluice.usage-key")]
public readonly record struct UsageKey(
    [property: Id(0)] int Hour,
    [property: Id(1)] string KeyId,
    [property: Id(2)] string Model,
    [property: Id(3)] string Target,
    [property: Id(4)] int Status,
    [property: Id(5)] UsageSource Source);

/// <summary>Sums for one <see cref="UsageKey"/>.</summary>
/// <param name="CostNano">In 10⁻⁹ of a US dollar.</param>
[GenerateSerializer, Immutable, Alias("sluice.usage-row")]
public readonly record struct UsageRow(
    [property: Id(0)] UsageKey Key,
    [property: Id(1)] long Requests,
    [property: Id(2)] long InputTokens,
    [property: Id(3)] long CachedTokens,
    [property: Id(4)] long OutputTokens,
    [property: Id(5)] long ReasoningTokens,
    [property: Id(6)] long CostNano);
