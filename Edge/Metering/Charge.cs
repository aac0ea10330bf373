using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>An amount in each unit that budgets count in.</summary>
/// <param name="Tokens">Input and output together.</param>
/// <param name="Nano">10⁻⁹ US dollar, rounded up for each request; 0 without a price.</param>
public readonly record struct Charge(long Tokens, long Nano)
{
    private const long Million = 1_000_000;

    /// <summary>The worst that a request may cost.</summary>
    public static Charge WorstCase(in Ask ask) => new(
        Saturate((Int128)ask.InputTokens + ask.OutputTokens),
        ask.Price is { } price ? Cost(price, ask.InputTokens, Math.Max(price.Input, price.CachedInput), 0, ask.OutputTokens) : 0);

    /// <summary>What a settled request cost: the figures where there are any, the whole reservation where nothing else is known, nothing where nothing was used.</summary>
    public static Charge Used(in Settlement settlement, Price? price, Charge reserved) => settlement.Source switch
    {
        UsageSource.Reserved => reserved,
        UsageSource.None => default,
        _ => new Charge(
            Saturate((Int128)settlement.InputTokens + settlement.OutputTokens),
            price is null ? 0 : Cost(price, settlement.InputTokens, price.Input, settlement.CachedTokens, settlement.OutputTokens)),
    };

    /// <summary>What tokens cost: cached ones are a part of the input.</summary>
    public static long Cost(Price price, long inputTokens, long cachedTokens, long outputTokens) =>
        Cost(price, inputTokens, price.Input, cachedTokens, outputTokens);

    /// <summary>The amount in a budget's unit; each request is one request.</summary>
    public long In(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Tokens => Tokens,
        BudgetUnit.Money => Nano,
        _ => 1,
    };

    private static long Cost(Price price, long inputTokens, long inputPrice, long cachedTokens, long outputTokens)
    {
        var cached = Math.Clamp(cachedTokens, 0, inputTokens);
        var sum = ((Int128)(inputTokens - cached) * inputPrice) + ((Int128)cached * price.CachedInput) + ((Int128)outputTokens * price.Output);
        return Saturate((sum + Million - 1) / Million);
    }

    // A quarter of the range: no sum of two can overflow, no budget is as large.
    private static long Saturate(Int128 amount) => (long)Int128.Clamp(amount, 0, long.MaxValue / 4);
}
