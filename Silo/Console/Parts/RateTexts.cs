using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Silo.Console.Parts;

/// <summary>Rates of a declared limit as people read them.</summary>
internal static class RateTexts
{
    private static readonly string[] Rates = ["requests", "tokens"];

    /// <summary>What a limit allows: <c>600 requests a minute, 60 at once</c>.</summary>
    public static string Of(JsonElement limit)
    {
        var rates = RatesOf(limit).Select(rate => string.Create(CultureInfo.InvariantCulture, $"{Texts.Of(rate.Amount)} {rate.Name} a {rate.Per}{(rate.Burst is { } burst ? $", {Texts.Of(burst)} in a burst" : "")}"));
        return string.Join("; ", ConcurrentOf(limit) is { } concurrent ? rates.Append($"{Texts.Of(concurrent)} at one time") : rates);
    }

    /// <summary>What a share is in the limit's own rates: <c>300 requests a minute</c>.</summary>
    public static string Part(JsonElement limit, RateShare share) => string.Join(", ", RatesOf(limit).Select(rate =>
        $"{Texts.Of((double)rate.Amount * share.Share / RateLease.Whole)} {rate.Name} a {rate.Per}"));

    /// <summary>How many requests a limit allows at one time; null: it does not bound them.</summary>
    public static long? ConcurrentOf(JsonElement limit) =>
        limit.ValueKind is JsonValueKind.Object && limit.TryGetProperty("concurrent", out var concurrent) && concurrent.TryGetInt64(out var number) ? number : null;

    private static IEnumerable<(string Name, long Amount, string Per, long? Burst)> RatesOf(JsonElement limit) => limit.ValueKind is not JsonValueKind.Object ? [] :
        from name in Rates
        where limit.TryGetProperty(name, out var rate) && rate.TryGetProperty("amount", out _) && rate.TryGetProperty("per", out _)
        let found = limit.GetProperty(name)
        select (name, found.GetProperty("amount").GetInt64(), found.GetProperty("per").GetString()!, found.TryGetProperty("burst", out var burst) ? burst.GetInt64() : (long?)null);
}
