using System.Globalization;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>Limits, budgets and prices in words.</summary>
public static class PolicyText
{
    private const decimal Nano = 1_000_000_000m;

    /// <summary>Such as <c>600 requests a minute (at most 60 at once), 50 at one time</c>.</summary>
    public static string Of(LimitResource limit)
    {
        var rates = new[] { Burst(limit.Requests, "requests"), Burst(limit.Tokens, "tokens"), limit.Concurrent is { } most ? Invariant($"{most} at one time") : null };
        return string.Join(", ", rates.OfType<string>());
    }

    /// <summary>Such as <c>1000000 tokens a day (Europe/Berlin), hard</c>.</summary>
    public static string Of(BudgetResource budget) => Invariant(
        $"{Amount(budget.Amount, budget.Unit)} {Window(budget.Window)}, {Lower(budget.Mode)}");

    /// <summary>
    /// Such as <c>0.15 USD in, 0.075 USD cached, 0.6 USD out for a million tokens</c>; kinds that cost as the whole that they are a part of are left out. Of another currency, whose name a price does
    /// not have, amounts are numbers alone, and its exchange follows.
    /// </summary>
    /// <param name="price">Null: none.</param>
    /// <param name="markUp">What is added, in parts per million.</param>
    public static string Of(Price? price, int markUp = 0)
    {
        if (price is null)
        {
            return "no price";
        }

        var text = OfTokens(price.Rates);
        text += Rate(price.Request, 0, "for each request") is { } request ? $", {request}" : "";
        text += OfUnits(price.Units, (nano, what) => Rate(nano, 0, what));
        text += string.Concat(price.Tiers.Select(t => Invariant($"; above {t.Above} tokens in: {OfTokens(t.Rates)}")));
        text += price.Exchange == Exchange.None ? "" : Invariant($"; {price.Exchange.Units} of its currency for {price.Exchange.Dollars} USD");
        return markUp == 0 ? text : Invariant($"{text}; {markUp / 10_000m:+0.####;-0.####} %");

        string OfTokens(TokenRates rates)
        {
            string?[] parts =
            [
                Rate(rates.Input, -1, "in"), Rate(rates.CachedInput, -1, "cached"), Rate(rates.CacheWrite, rates.Input, "written to a cache"), Rate(rates.InputImage, rates.Input, "for images"),
                Rate(rates.InputAudio, rates.Input, "for audio"), Rate(rates.Output, -1, "out"), Rate(rates.Reasoning, rates.Output, "for reasoning"), Rate(rates.OutputAudio, rates.Output, "for audio out"),
            ];
            return $"{string.Join(", ", parts.OfType<string>())} for a million tokens";
        }

        string? Rate(long rate, long whole, string what) => rate == whole ? null : $"{(price.Exchange == Exchange.None ? Amount(rate, BudgetUnit.Money) : Invariant($"{rate / Nano:0.#########}"))} {what}";
    }

    private static string OfUnits(UnitRates units, Func<long, string, string?> rate)
    {
        var pictures = units.Pictures.Select(p => (p.Nano, What: $"for a picture of {string.Join(", ", new[] { p.Size, p.Quality }.OfType<string>())}"));
        (long Nano, string What)[] all =
        [
            (units.Picture, "for a picture"), .. pictures, (units.Minute, "for a minute of sound"), (units.Characters, "for a million spoken characters"),
        ];
        return string.Concat(all.Select(unit => rate(unit.Nano, unit.What) is { } told ? $", {told}" : ""));
    }

    /// <summary>Such as <c>answers, per tenant, for 1h, at 0 % of their price</c>.</summary>
    public static string Of(CacheResource cache) => Invariant(
        $"{cache.Name}, {(cache.Per is CachePer.Everyone ? "for everyone" : $"per {Lower(cache.Per)}")}, for {Durations.Format(cache.Age ?? TimeSpan.Zero)}, at {cache.Charge} % of their price");

    /// <summary>Such as <c>600 requests a minute</c>.</summary>
    public static string Of(Rate rate, string what) => Invariant($"{rate.Amount} {what} a {(rate.Per.TotalHours >= 1 ? "hour" : rate.Per.TotalMinutes >= 1 ? "minute" : "second")}");

    /// <summary>Such as <c>0.5 USD</c> or <c>1000 tokens</c>.</summary>
    public static string Amount(long amount, BudgetUnit unit) => unit switch
    {
        BudgetUnit.Money => Invariant($"{amount / Nano:0.#########} USD"),
        BudgetUnit.Tokens => Invariant($"{amount} tokens"),
        _ => Invariant($"{amount} requests"),
    };

    private static string Window(BudgetWindow window) => window.Every switch
    {
        WindowLength.Lifetime => "in all",
        WindowLength.Rolling => $"in any {Durations.Format(window.Rolling ?? default)}",
        _ => $"a {Lower(window.Every)} ({window.Zone})",
    };

    private static string? Burst(Rate? rate, string what) => rate is null ? null : Invariant($"{Of(rate, what)} (at most {rate.Burst} at once)");

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
