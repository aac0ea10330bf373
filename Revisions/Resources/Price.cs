using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>What a request costs: by the kinds of its tokens, and each in itself. Amounts are 10⁻⁹ of the table's currency.</summary>
/// <param name="Rates">Of requests whose input is not above any tier.</param>
public sealed record Price(TokenRates Rates)
{
    /// <summary>Parts per million that make a whole.</summary>
    public const int Whole = 1_000_000;

    /// <summary>A price of three rates: kinds that have none cost as the whole that they are a part of.</summary>
    public Price(long input, long cachedInput, long output)
        : this(TokenRates.Of(input, output) with { CachedInput = cachedInput })
    {
    }

    /// <summary>Other rates for requests with a larger input, ordered by it: the last that holds is for all of the request.</summary>
    public ImmutableArray<PriceTier> Tiers { get; init; } = [];

    /// <summary>What a request costs besides its tokens.</summary>
    public long Request { get; init; }

    /// <summary>What a request costs for what is counted in no tokens.</summary>
    public UnitRates Units { get; init; } = UnitRates.None;

    /// <summary>The part of the price that is asked where the provider served at its batch rate, in parts per million: 0 to <see cref="Whole"/>.</summary>
    public int BatchFactor { get; init; } = Whole;

    /// <summary>What the table's currency is worth.</summary>
    public Exchange Exchange { get; init; } = Exchange.None;

    /// <summary>The rates of a request with so many input tokens.</summary>
    public TokenRates RatesOf(long input)
    {
        var rates = Rates;
        foreach (var tier in Tiers)
        {
            rates = input > tier.Above ? tier.Rates : rates;
        }

        return rates;
    }

    public bool Equals(Price? other) => other is not null && Rates == other.Rates && Tiers.AsSpan().SequenceEqual(other.Tiers.AsSpan())
        && Request == other.Request && Units == other.Units && BatchFactor == other.BatchFactor && Exchange == other.Exchange;

    public override int GetHashCode() => HashCode.Combine(Rates, Tiers.Length, Request, BatchFactor, Exchange);
}

/// <summary>What a million tokens of each kind cost, in 10⁻⁹ of the currency.</summary>
/// <param name="Input">Input tokens of no kind below.</param>
/// <param name="CachedInput">Input that the provider had in its cache.</param>
/// <param name="CacheWrite">Input that it wrote to its cache.</param>
/// <param name="InputImage">Input that was images.</param>
/// <param name="InputAudio">Input that was audio.</param>
/// <param name="Output">Answer tokens of no kind below.</param>
/// <param name="Reasoning">Answer tokens that were reasoning.</param>
/// <param name="OutputAudio">Answer tokens that were audio.</param>
public sealed record TokenRates(
    long Input, long CachedInput, long CacheWrite, long InputImage, long InputAudio, long Output, long Reasoning, long OutputAudio)
{
    /// <summary>Every kind costs as its whole.</summary>
    public static TokenRates Of(long input, long output) => new(input, input, input, input, input, output, output, output);
}

/// <summary>Rates for requests whose input has more tokens than <paramref name="Above"/>.</summary>
public sealed record PriceTier(long Above, TokenRates Rates);

/// <summary>So many units of a table's currency are so many US dollars: both 1 to 1,000,000.</summary>
public readonly record struct Exchange(int Units, int Dollars)
{
    /// <summary>The table is in US dollars.</summary>
    public static Exchange None { get; } = new(1, 1);
}
