using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>An amount in each unit that budgets count in.</summary>
/// <param name="Tokens">Input and output together.</param>
/// <param name="Nano">10⁻⁹ US dollar, rounded up for each request; 0 without a price.</param>
public readonly record struct Charge(long Tokens, long Nano)
{
    /// <summary>The worst that a request may cost.</summary>
    public static Charge WorstCase(in Ask ask) => ask.Fixed is { } known ? new(0, known) : new(
        Costs.Saturate((Int128)ask.InputTokens + ask.OutputTokens),
        ask.Price is { } price ? Costs.Worst(price, ask.InputTokens, ask.OutputTokens, ask.Kinds, ask.MarkUp, ask.Units) : 0);

    /// <summary>What a settled request cost: the figures where there are any, the whole reservation where nothing else is known, nothing where nothing was used.</summary>
    public static Charge Used(in Settlement settlement, in Ask ask, Charge reserved) => settlement.Source switch
    {
        UsageSource.Reserved => reserved,
        UsageSource.None => default,
        UsageSource.Cached => new Charge(0, ask.Fixed ?? 0),
        _ => new Charge(
            Costs.Saturate((Int128)settlement.Tokens.Input + settlement.Tokens.Output),
            ask.Price is { } price ? Costs.Of(price, settlement.Tokens, ask.MarkUp, settlement.IsBatch, settlement.UnitsOf(ask.Units)) : 0),
    };

    /// <summary>The amount in a budget's unit; each request is one request.</summary>
    public long In(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Tokens => Tokens,
        BudgetUnit.Money => Nano,
        _ => 1,
    };
}
