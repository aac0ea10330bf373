using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>What one attempt used and was charged, as it was recorded.</summary>
/// <param name="Tenant">Null: without a key.</param>
/// <param name="At">When it was admitted.</param>
/// <param name="Target"><c>provider/model</c>.</param>
/// <param name="Tokens">By kind.</param>
/// <param name="IsBatch">Whether the provider served at its batch rate.</param>
/// <param name="CostNano">What was charged, in 10⁻⁹ of a US dollar.</param>
/// <param name="Units">What it used besides tokens; null: nothing.</param>
public readonly record struct RatedAttempt(string? Tenant, DateTimeOffset At, string Target, TokenCounts Tokens, bool IsBatch, long CostNano, UnitCounts? Units = null);

/// <summary>What the attempts of a tenant at a target cost by their records, and by another table.</summary>
/// <param name="CostBefore">In 10⁻⁹ of a US dollar.</param>
/// <param name="CostAfter">In 10⁻⁹ of a US dollar; what was charged where the table has no price.</param>
/// <param name="IsPriced">False: the table has no price for the target, and its attempts stay as they are.</param>
public sealed record ReratedTarget(string? Tenant, string Target, long Attempts, long CostBefore, long CostAfter, bool IsPriced)
{
    /// <summary>What is to be posted besides what was charged; negative: to be given back.</summary>
    public long Difference => CostAfter - CostBefore;
}

/// <summary>Rates what was used by another table. Plain code: each attempt by the price of its day, rounded up once, as when it was settled. See docs/prices.md.</summary>
public sealed class Rerating
{
    private readonly PriceTable _table;
    private readonly IReadOnlyDictionary<string, ProviderResource> _providers;
    private readonly Dictionary<string, PriceSchedule?> _prices = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Tenant, string Target), (long Attempts, Int128 Before, Int128 After)> _sums = [];

    /// <summary>By a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="providers">The workspace's, for tables that include the shipped list; what was called once and is gone is looked up by its name.</param>
    public Rerating(PriceTable table, IReadOnlyDictionary<string, ProviderResource> providers) => (_table, _providers) = (table, providers);

    /// <summary>What was rated, ordered by tenant and target.</summary>
    public ImmutableArray<ReratedTarget> Targets =>
    [
        .. _sums.OrderBy(s => s.Key.Tenant, StringComparer.Ordinal).ThenBy(s => s.Key.Target, StringComparer.Ordinal)
            .Select(s => new ReratedTarget(s.Key.Tenant, s.Key.Target, s.Value.Attempts, Costs.Saturate(s.Value.Before), Costs.Saturate(s.Value.After), PricesOf(s.Key.Target) is not null)),
    ];

    /// <summary>Rates one attempt. Returns what it costs by the table; what was charged where the table has no price for its target.</summary>
    public long Rate(in RatedAttempt attempt)
    {
        var prices = PricesOf(attempt.Target);
        var cost = prices is null ? attempt.CostNano : Costs.Of(prices.At(attempt.At), attempt.Tokens, prices.MarkUpOf(attempt.Tenant), attempt.IsBatch, attempt.Units);
        var key = (attempt.Tenant, attempt.Target);
        var sum = _sums.GetValueOrDefault(key);
        _sums[key] = (sum.Attempts + 1, sum.Before + attempt.CostNano, sum.After + cost);
        return cost;
    }

    /// <summary>Whether the table has a price for a target.</summary>
    public bool Prices(string target) => PricesOf(target) is not null;

    /// <summary>What an earlier rating has posted besides what was charged: it counts as charged.</summary>
    public void Correct(string? tenant, string target, long nano)
    {
        var sum = _sums.GetValueOrDefault((tenant, target));
        _sums[(tenant, target)] = sum with { Before = sum.Before + nano };
    }

    private PriceSchedule? PricesOf(string target)
    {
        if (!_prices.TryGetValue(target, out var known))
        {
            var slash = target.IndexOf('/', StringComparison.Ordinal);
            known = slash < 0 ? null : _table.Find(target[..slash], _providers.GetValueOrDefault(target[..slash]), target[(slash + 1)..]);
            _prices.Add(target, known);
        }

        return known;
    }
}
