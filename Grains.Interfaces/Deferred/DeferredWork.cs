using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Interfaces.Deferred;

/// <summary>A work that a provider does later, as it was admitted.</summary>
/// <param name="Id">Of the request that asked for it, as the client was told.</param>
/// <param name="Provider">Who does it.</param>
/// <param name="Model">The model that was asked for.</param>
/// <param name="Target">As <c>provider/model</c>.</param>
/// <param name="KeyId">Of who asked.</param>
/// <param name="User">Whom the key stands for; empty: none.</param>
/// <param name="Tags">As the client gave them.</param>
/// <param name="Revision">Under which it was admitted.</param>
/// <param name="Arrived">When it was asked for.</param>
/// <param name="Requests">How many requests it has.</param>
/// <param name="Worst">The most tokens that all of them can use.</param>
/// <param name="WorstNano">The most that they can cost, in 10⁻⁹ US dollar.</param>
/// <param name="Largest">Of one of them.</param>
/// <param name="LargestNano">Of one of them.</param>
/// <param name="Price">By what it is charged; null: without a price.</param>
/// <param name="Budgets">That bind it, each with the most that it can use of it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Attempt">The number of its record within the request; no other attempt has it.</param>
[GenerateSerializer, Immutable, Alias("sluice.deferred-work")]
public sealed record DeferredWork(
    [property: Id(0)] string Id,
    [property: Id(1)] string Provider,
    [property: Id(2)] string Model,
    [property: Id(3)] string Target,
    [property: Id(4)] string KeyId,
    [property: Id(5)] string User,
    [property: Id(6)] ImmutableArray<string> Tags,
    [property: Id(7)] long Revision,
    [property: Id(8)] DateTimeOffset Arrived,
    [property: Id(9)] long Requests,
    [property: Id(10)] TokenCounts Worst,
    [property: Id(11)] long WorstNano,
    [property: Id(12)] TokenCounts Largest,
    [property: Id(13)] long LargestNano,
    [property: Id(14)] DeferredPrice? Price,
    [property: Id(15)] ImmutableArray<DeferredBudget> Budgets,
    [property: Id(16)] DeferredKind Kind,
    [property: Id(17)] int Attempt);

/// <summary>What a provider does later.</summary>
public enum DeferredKind
{
    /// <summary>The requests of a file.</summary>
    Batch,

    /// <summary>One response, in the background.</summary>
    Response,
}

/// <summary>A budget that binds a work.</summary>
/// <param name="Budget">Its name.</param>
/// <param name="Subject">Whom it binds.</param>
/// <param name="Unit">What it counts in.</param>
/// <param name="Amount">The most that the work can use, in that unit.</param>
[GenerateSerializer, Immutable, Alias("sluice.deferred-budget")]
public sealed record DeferredBudget([property: Id(0)] string Budget, [property: Id(1)] string Subject, [property: Id(2)] DeferredUnit Unit, [property: Id(3)] long Amount);

/// <summary>What a budget counts in.</summary>
public enum DeferredUnit
{
    /// <summary>Input and output together.</summary>
    Tokens,

    /// <summary>10⁻⁹ US dollar.</summary>
    Money,

    /// <summary>Requests that were answered.</summary>
    Requests,
}

/// <summary>The price under which a work was admitted.</summary>
/// <param name="Name">The table and its version.</param>
/// <param name="Rates">The first for all, the others from an input of so many tokens on.</param>
/// <param name="Request">What each request costs besides.</param>
/// <param name="BatchFactor">The part that is asked for a batch, in parts per million.</param>
/// <param name="Units">So many of the currency …</param>
/// <param name="Dollars">… are so many US dollars.</param>
/// <param name="MarkUp">What is added for the tenant, in parts per million.</param>
[GenerateSerializer, Immutable, Alias("sluice.deferred-price")]
public sealed record DeferredPrice(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<DeferredRates> Rates,
    [property: Id(2)] long Request,
    [property: Id(3)] int BatchFactor,
    [property: Id(4)] int Units,
    [property: Id(5)] int Dollars,
    [property: Id(6)] int MarkUp);

/// <summary>What a million tokens of each kind cost, in 10⁻⁹ of the currency.</summary>
[GenerateSerializer, Immutable, Alias("sluice.deferred-rates")]
public sealed record DeferredRates(
    [property: Id(0)] long Above,
    [property: Id(1)] long Input,
    [property: Id(2)] long CachedInput,
    [property: Id(3)] long CacheWrite,
    [property: Id(4)] long InputImage,
    [property: Id(5)] long InputAudio,
    [property: Id(6)] long Output,
    [property: Id(7)] long Reasoning,
    [property: Id(8)] long OutputAudio);

/// <summary>How a work has ended.</summary>
/// <param name="Source">From where the counts come; with <see cref="UsageSource.Reserved"/> they are ignored, and all that was held counts.</param>
/// <param name="Tokens">That were used.</param>
/// <param name="Nano">What they cost, in 10⁻⁹ US dollar.</param>
/// <param name="Requests">That were answered.</param>
/// <param name="Status">For the record.</param>
/// <param name="IsBatch">Whether it was charged at the batch rate.</param>
[GenerateSerializer, Immutable, Alias("sluice.deferred-end")]
public sealed record DeferredEnd(
    [property: Id(0)] UsageSource Source, [property: Id(1)] TokenCounts Tokens, [property: Id(2)] long Nano, [property: Id(3)] long Requests, [property: Id(4)] int Status, [property: Id(5)] bool IsBatch = false);

/// <summary>A work that has not ended.</summary>
/// <param name="Work">As it was admitted.</param>
/// <param name="Input">What the provider knows it by where its answer was lost; empty: nothing.</param>
/// <param name="Place">The provider's id; null: whether it was begun is not known.</param>
/// <param name="AskedAt">When the provider was asked.</param>
[GenerateSerializer, Immutable, Alias("sluice.open-work")]
public sealed record OpenWork([property: Id(0)] DeferredWork Work, [property: Id(1)] string Input, [property: Id(2)] string? Place, [property: Id(3)] DateTimeOffset AskedAt);

/// <summary>A work as it is listed.</summary>
/// <param name="Id">As the client is told: sealed.</param>
/// <param name="Provider">Where it is.</param>
/// <param name="Place">Its id there.</param>
/// <param name="Input">The provider's id of what it reads.</param>
/// <param name="ToldInput">The client's id of what it sent.</param>
/// <param name="Status">Of it, as the provider last told.</param>
/// <param name="Json">The object as the client is told.</param>
[GenerateSerializer, Immutable, Alias("sluice.listed-work")]
public sealed record ListedWork(
    [property: Id(0)] string Id,
    [property: Id(1)] string Provider,
    [property: Id(2)] string Place,
    [property: Id(3)] string Input,
    [property: Id(4)] string ToldInput,
    [property: Id(5)] string Status,
    [property: Id(6)] string Json);
