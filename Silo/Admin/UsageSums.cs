using System.Globalization;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Silo.Admin;

/// <summary>What usage may be summed by.</summary>
public enum UsageDimension
{
    Day,
    Hour,
    Key,
    Model,
    Target,
    Status,
    Source,
}

/// <summary>Sums of usage; the fields that were not asked for are left out.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Hour">0 to 23, UTC.</param>
/// <param name="Key">The key's id.</param>
/// <param name="Target"><c>provider/model</c> that served; empty where none did.</param>
/// <param name="Source">From where token counts come.</param>
/// <param name="Cost">In US dollar, exact: <c>0.000123</c>.</param>
public sealed record UsageSum(
    DateOnly? Day,
    int? Hour,
    string? Key,
    string? Model,
    string? Target,
    int? Status,
    UsageSource? Source,
    long Requests,
    long InputTokens,
    long CachedTokens,
    long OutputTokens,
    long ReasoningTokens,
    string Cost);

/// <summary>Sums rows of usage by some of their dimensions. Pure.</summary>
internal static class UsageSums
{
    private const decimal NanoPerDollar = 1_000_000_000m;

    /// <summary>One sum for each combination that occurs, ordered by the dimensions; with no dimension one sum of all.</summary>
    public static IReadOnlyList<UsageSum> Sum(IEnumerable<(DateOnly Day, UsageRow Row)> rows, IReadOnlySet<UsageDimension> by) =>
    [
        .. rows.GroupBy(r => Group(r.Day, r.Row.Key, by))
            .OrderBy(g => g.Key.Day).ThenBy(g => g.Key.Hour)
            .ThenBy(g => g.Key.Key, StringComparer.Ordinal).ThenBy(g => g.Key.Model, StringComparer.Ordinal).ThenBy(g => g.Key.Target, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Status).ThenBy(g => g.Key.Source)
            .Select(g => Total(g.Key, g.Select(r => r.Row))),
    ];

    /// <summary>The sum of all.</summary>
    public static UsageSum Total(IEnumerable<UsageRow> rows) => Total(default, rows);

    private static GroupKey Group(DateOnly day, UsageKey key, IReadOnlySet<UsageDimension> by) => new(
        by.Contains(UsageDimension.Day) ? day : null,
        by.Contains(UsageDimension.Hour) ? key.Hour : null,
        by.Contains(UsageDimension.Key) ? key.KeyId : null,
        by.Contains(UsageDimension.Model) ? key.Model : null,
        by.Contains(UsageDimension.Target) ? key.Target : null,
        by.Contains(UsageDimension.Status) ? key.Status : null,
        by.Contains(UsageDimension.Source) ? key.Source : null);

    private static UsageSum Total(GroupKey key, IEnumerable<UsageRow> rows)
    {
        var sum = default(UsageRow);
        foreach (var row in rows)
        {
            sum = checked(sum with
            {
                Requests = sum.Requests + row.Requests,
                InputTokens = sum.InputTokens + row.InputTokens,
                CachedTokens = sum.CachedTokens + row.CachedTokens,
                OutputTokens = sum.OutputTokens + row.OutputTokens,
                ReasoningTokens = sum.ReasoningTokens + row.ReasoningTokens,
                CostNano = sum.CostNano + row.CostNano,
            });
        }

        var cost = (sum.CostNano / NanoPerDollar).ToString("0.#########", CultureInfo.InvariantCulture);
        return new UsageSum(
            key.Day, key.Hour, key.Key, key.Model, key.Target, key.Status, key.Source,
            sum.Requests, sum.InputTokens, sum.CachedTokens, sum.OutputTokens, sum.ReasoningTokens, cost);
    }

    private readonly record struct GroupKey(
        DateOnly? Day, int? Hour, string? Key, string? Model, string? Target, int? Status, UsageSource? Source);
}
