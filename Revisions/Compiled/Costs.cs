using System.Numerics;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>What requests cost, in 10⁻⁹ of a US dollar. Whole numbers only, rounded up once for each request. See docs/prices.md.</summary>
public static class Costs
{
    private const long Million = 1_000_000;
    private const long MillisecondsOfMinute = 60_000;

    // Beyond every count and every rate that is read, and small enough that sums of their products fit.
    private const long MostTokens = 1_000_000_000_000_000;
    private const long MostUnits = 1_000_000_000_000;
    private const long MostRate = 1_000_000_000_000_000_000;

    /// <summary>What tokens cost. A token that was counted in two parts is priced once, as the first of: cache read, cache write, audio, image; reasoning, audio.</summary>
    /// <param name="price">The price.</param>
    /// <param name="tokens">What was used.</param>
    /// <param name="markUp">What is added, in parts per million.</param>
    /// <param name="isBatch">Whether the provider served at its batch rate.</param>
    /// <param name="units">What was used besides tokens; null: nothing.</param>
    public static long Of(Price price, in TokenCounts tokens, int markUp = 0, bool isBatch = false, UnitCounts? units = null)
    {
        var input = Math.Clamp(tokens.Input, 0, MostTokens);
        var output = Math.Clamp(tokens.Output, 0, MostTokens);
        var rates = price.RatesOf(input);
        var sum = Take(ref input, tokens.CachedRead, rates.CachedInput)
            + Take(ref input, tokens.CacheWrite, rates.CacheWrite)
            + Take(ref input, tokens.InputAudio, rates.InputAudio)
            + Take(ref input, tokens.InputImage, rates.InputImage)
            + Product(input, rates.Input)
            + Take(ref output, tokens.Reasoning, rates.Reasoning)
            + Take(ref output, tokens.OutputAudio, rates.OutputAudio)
            + Product(output, rates.Output);
        if (units is not null)
        {
            sum += Of(price.Units, units, price.Units.PictureOf(units.Size, units.Quality));
        }

        return Round(price, sum, markUp, isBatch ? price.BatchFactor : Price.Whole);
    }

    /// <summary>The most that a request can cost, whatever of its tokens is of which kind.</summary>
    /// <param name="price">The price.</param>
    /// <param name="input">The most input tokens.</param>
    /// <param name="output">The most output tokens.</param>
    /// <param name="kinds">What tokens it can have besides text.</param>
    /// <param name="markUp">What is added, in parts per million.</param>
    /// <param name="units">The most that it can have besides tokens; of pictures, what was asked for.</param>
    /// <param name="isBatch">Whether the provider is certain to serve at its batch rate.</param>
    public static long Worst(Price price, long input, long output, TokenKinds kinds = TokenKinds.All, int markUp = 0, UnitCounts? units = null, bool isBatch = false)
    {
        var (mostInput, mostOutput) = (Math.Clamp(input, 0, MostTokens), Math.Clamp(output, 0, MostTokens));
        var worst = Worst(price.Rates, mostInput, mostOutput, kinds);
        foreach (var tier in price.Tiers)
        {
            if (mostInput > tier.Above)
            {
                worst = Int128.Max(worst, Worst(tier.Rates, mostInput, mostOutput, kinds));
            }
        }

        if (units is not null)
        {
            worst += Of(price.Units, units, price.Units.DearestPictureOf(units.Size, units.Quality));
        }

        return Round(price, worst, markUp, isBatch ? price.BatchFactor : Price.Whole);
    }

    /// <summary>An amount as it is counted: at most a quarter of the range, so that no sum of two can overflow; no budget is as large.</summary>
    public static long Saturate(Int128 amount) => (long)Int128.Clamp(amount, 0, long.MaxValue / 4);

    // A minute is counted by its milliseconds.
    private static Int128 Of(UnitRates rates, UnitCounts units, long picture) =>
        (Product(Math.Clamp(units.Pictures, 0, MostUnits), picture) * Million)
        + (((Product(Math.Clamp(units.SoundMilliseconds, 0, MostUnits), rates.Minute) * Million) + MillisecondsOfMinute - 1) / MillisecondsOfMinute)
        + Product(Math.Clamp(units.Characters, 0, MostTokens), rates.Characters);

    private static Int128 Worst(TokenRates rates, long input, long output, TokenKinds kinds)
    {
        var dearestInput = Math.Max(rates.Input, Math.Max(rates.CachedInput, rates.CacheWrite));
        dearestInput = kinds.HasFlag(TokenKinds.InputImage) ? Math.Max(dearestInput, rates.InputImage) : dearestInput;
        dearestInput = kinds.HasFlag(TokenKinds.InputAudio) ? Math.Max(dearestInput, rates.InputAudio) : dearestInput;
        var dearestOutput = Math.Max(rates.Output, rates.Reasoning);
        dearestOutput = kinds.HasFlag(TokenKinds.OutputAudio) ? Math.Max(dearestOutput, rates.OutputAudio) : dearestOutput;
        return Product(input, dearestInput) + Product(output, dearestOutput);
    }

    // A part is never more than what is left of its whole.
    private static Int128 Take(ref long rest, long part, long rate)
    {
        var taken = Math.Clamp(part, 0, rest);
        rest -= taken;
        return Product(taken, rate);
    }

    private static Int128 Product(long tokens, long rate) => (Int128)tokens * Math.Min(rate, MostRate);

    // The sum is in 10⁻⁹ × 10⁻⁶ of the table's currency.
    private static long Round(Price price, Int128 tokens, int markUp, int batch)
    {
        var sum = tokens + Product(Million, price.Request);
        if (markUp == 0 && batch == Price.Whole && price.Exchange == Exchange.None)
        {
            return Saturate((sum + Million - 1) / Million);
        }

        var numerator = (Int128)price.Exchange.Dollars * (Million + markUp) * batch;
        var divisor = (Int128)price.Exchange.Units * Million * Million * Million;
        if (numerator == 0 || sum <= (Int128.MaxValue - divisor) / numerator)
        {
            return Saturate(((sum * numerator) + divisor - 1) / divisor);
        }

        // No real request costs so much that 128 bits do not hold its product.
        var exact = (((BigInteger)sum * (BigInteger)numerator) + (BigInteger)divisor - 1) / (BigInteger)divisor;
        return exact > long.MaxValue ? Saturate(long.MaxValue) : Saturate((long)exact);
    }
}

/// <summary>Kinds of tokens that a request may have besides text.</summary>
[Flags]
public enum TokenKinds
{
    /// <summary>Text alone.</summary>
    None = 0,

    /// <summary>Images are sent.</summary>
    InputImage = 1,

    /// <summary>Audio may be sent.</summary>
    InputAudio = 2,

    /// <summary>A spoken answer is asked for.</summary>
    OutputAudio = 4,

    /// <summary>Nothing is known.</summary>
    All = InputImage | InputAudio | OutputAudio,
}
