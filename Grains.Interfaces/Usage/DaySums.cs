using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>A tenant's day in sums.</summary>
/// <param name="Rows">Each request once.</param>
/// <param name="Tags">By tag: a request with two tags is in two of them, one without in none.</param>
/// <param name="Charges">By lease: what the day's records charged to it.</param>
[GenerateSerializer, Immutable, Alias("sluice.day-sums")]
public sealed record DaySums(
    [property: Id(0)] ImmutableArray<UsageRow> Rows, [property: Id(1)] ImmutableArray<TagRow> Tags, [property: Id(2)] ImmutableArray<LeaseCharge> Charges);

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

    /// <summary>Nothing was used: a kept answer was given.</summary>
    Cached,
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

/// <summary>What was used, in sums.</summary>
/// <param name="CostNano">In 10⁻⁹ of a US dollar.</param>
/// <param name="Saved">What was not used, for kept answers were given.</param>
[GenerateSerializer, Immutable, Alias("sluice.usage-figures")]
public readonly record struct UsageFigures([property: Id(0)] long Requests, [property: Id(1)] TokenCounts Tokens, [property: Id(2)] long CostNano, [property: Id(3)] SavedUse Saved = default)
{
    /// <summary>Both together.</summary>
    /// <exception cref="OverflowException">The sum has no place in 64 bits.</exception>
    public static UsageFigures operator +(UsageFigures a, UsageFigures b) => checked(new(
        a.Requests + b.Requests,
        new TokenCounts(
            a.Tokens.Input + b.Tokens.Input,
            a.Tokens.CachedRead + b.Tokens.CachedRead,
            a.Tokens.CacheWrite + b.Tokens.CacheWrite,
            a.Tokens.InputImage + b.Tokens.InputImage,
            a.Tokens.InputAudio + b.Tokens.InputAudio,
            a.Tokens.Output + b.Tokens.Output,
            a.Tokens.Reasoning + b.Tokens.Reasoning,
            a.Tokens.OutputAudio + b.Tokens.OutputAudio),
        a.CostNano + b.CostNano,
        a.Saved + b.Saved));
}

/// <summary>Sums for one <see cref="UsageKey"/>.</summary>
[GenerateSerializer, Immutable, Alias("sluice.usage-row")]
public readonly record struct UsageRow([property: Id(0)] UsageKey Key, [property: Id(1)] UsageFigures Used);

/// <summary>Sums for one tag, hour and model.</summary>
/// <param name="Hour">0 to 23, UTC.</param>
/// <param name="Tag"><c>name=value</c>.</param>
/// <param name="Model">As in <see cref="UsageKey"/>.</param>
[GenerateSerializer, Immutable, Alias("sluice.tag-row")]
public readonly record struct TagRow([property: Id(0)] int Hour, [property: Id(1)] string Tag, [property: Id(2)] string Model, [property: Id(3)] UsageFigures Used);
