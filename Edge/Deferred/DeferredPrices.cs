using Sluice.Grains.Interfaces.Deferred;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>Prices as works that are charged later keep them: the revision that had them may be gone by then.</summary>
internal static class DeferredPrices
{
    /// <summary>A price to be kept.</summary>
    public static DeferredPrice Keep(Price price, string name, int markUp) => new(
        name,
        [Keep(0, price.Rates), .. price.Tiers.Select(t => Keep(t.Above, t.Rates))],
        price.Request,
        price.BatchFactor,
        price.Exchange.Units,
        price.Exchange.Dollars,
        markUp);

    /// <summary>The price that was kept.</summary>
    public static Price Open(DeferredPrice kept) => new(Open(kept.Rates[0]))
    {
        Tiers = [.. kept.Rates.Skip(1).Select(r => new PriceTier(r.Above, Open(r)))],
        Request = kept.Request,
        BatchFactor = kept.BatchFactor,
        Exchange = new Exchange(kept.Units, kept.Dollars),
    };

    private static DeferredRates Keep(long above, TokenRates rates) =>
        new(above, rates.Input, rates.CachedInput, rates.CacheWrite, rates.InputImage, rates.InputAudio, rates.Output, rates.Reasoning, rates.OutputAudio);

    private static TokenRates Open(DeferredRates kept) =>
        new(kept.Input, kept.CachedInput, kept.CacheWrite, kept.InputImage, kept.InputAudio, kept.Output, kept.Reasoning, kept.OutputAudio);
}
