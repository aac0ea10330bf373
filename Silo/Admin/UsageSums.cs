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
    Route,
    Provider,
    Target,
    Tag,
    Status,
    Source,
}

/// <summary>Sums of usage; the fields that were not asked for are left out.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Hour">0 to 23, UTC.</param>
/// <param name="Key">The key's id.</param>
/// <param name="Model">The model that was asked for or, for plain routes, <c>route/</c> and the route's name.</param>
/// <param name="Route">The plain route; empty for models.</param>
/// <param name="Provider">That served; empty where none did.</param>
/// <param name="Target"><c>provider/model</c> that served; empty where none did.</param>
/// <param name="Tag"><c>name=value</c>. A request with two tags is in two sums, one without in none.</param>
/// <param name="Source">From where token counts come.</param>
/// <param name="CachedTokens">Of the input: read from a cache.</param>
/// <param name="CacheWriteTokens">Of the input: written to a cache.</param>
/// <param name="ImageTokens">Of the input: images.</param>
/// <param name="AudioTokens">Of the input: audio.</param>
/// <param name="ReasoningTokens">Of the output.</param>
/// <param name="OutputAudioTokens">Of the output: audio.</param>
/// <param name="Cost">In US dollar, exact: <c>0.000123</c>.</param>
/// <param name="CachedAnswers">Of the requests, those that were given a kept answer and used nothing.</param>
/// <param name="SavedTokens">What these did not use, input and output together.</param>
/// <param name="Saved">What that would have cost beyond what was charged, in US dollar.</param>
public sealed record UsageSum(
    DateOnly? Day,
    int? Hour,
    string? Key,
    string? Model,
    string? Route,
    string? Provider,
    string? Target,
    string? Tag,
    int? Status,
    UsageSource? Source,
    long Requests,
    long InputTokens,
    long CachedTokens,
    long CacheWriteTokens,
    long ImageTokens,
    long AudioTokens,
    long OutputTokens,
    long ReasoningTokens,
    long OutputAudioTokens,
    string Cost,
    long CachedAnswers,
    long SavedTokens,
    string Saved);

/// <summary>Sums rows of usage by some of their dimensions. Pure.</summary>
internal static class UsageSums
{
    private const string RoutePrefix = "route/";
    private const decimal NanoPerDollar = 1_000_000_000m;

    /// <summary>What sums by tag may be told apart by besides.</summary>
    public static IReadOnlySet<UsageDimension> WithTags { get; } = new HashSet<UsageDimension>
    {
        UsageDimension.Tag, UsageDimension.Day, UsageDimension.Hour, UsageDimension.Model, UsageDimension.Route,
    };

    /// <summary>One sum for each combination that occurs, ordered by the dimensions; with no dimension one sum of all.</summary>
    public static IReadOnlyList<UsageSum> Sum(IEnumerable<(DateOnly Day, DaySums Sums)> days, IReadOnlySet<UsageDimension> by)
    {
        var rows = by.Contains(UsageDimension.Tag)
            ? days.SelectMany(day => day.Sums.Tags.Select(row => (Key: Group(day.Day, row, by), row.Used)))
            : days.SelectMany(day => day.Sums.Rows.Select(row => (Key: Group(day.Day, row.Key, by), row.Used)));
        return
        [
            .. rows.GroupBy(row => row.Key)
                .OrderBy(g => g.Key.Day).ThenBy(g => g.Key.Hour)
                .ThenBy(g => g.Key.Key, StringComparer.Ordinal).ThenBy(g => g.Key.Model, StringComparer.Ordinal).ThenBy(g => g.Key.Route, StringComparer.Ordinal)
                .ThenBy(g => g.Key.Provider, StringComparer.Ordinal).ThenBy(g => g.Key.Target, StringComparer.Ordinal).ThenBy(g => g.Key.Tag, StringComparer.Ordinal)
                .ThenBy(g => g.Key.Status).ThenBy(g => g.Key.Source)
                .Select(g => Sum(g.Key, g.Select(row => row.Used))),
        ];
    }

    /// <summary>The sum of all, each request once.</summary>
    public static UsageSum Total(IEnumerable<DaySums> days) => Sum(default, days.SelectMany(day => day.Rows).Select(row => row.Used));

    /// <summary>An amount of 10⁻⁹ as a decimal fraction.</summary>
    public static string Dollars(long nano) => (nano / NanoPerDollar).ToString("0.#########", CultureInfo.InvariantCulture);

    private static GroupKey Group(DateOnly day, UsageKey key, IReadOnlySet<UsageDimension> by) => new(
        by.Contains(UsageDimension.Day) ? day : null,
        by.Contains(UsageDimension.Hour) ? key.Hour : null,
        by.Contains(UsageDimension.Key) ? key.KeyId : null,
        by.Contains(UsageDimension.Model) ? key.Model : null,
        by.Contains(UsageDimension.Route) ? RouteOf(key.Model) : null,
        by.Contains(UsageDimension.Provider) ? key.Target.Split('/')[0] : null,
        by.Contains(UsageDimension.Target) ? key.Target : null,
        null,
        by.Contains(UsageDimension.Status) ? key.Status : null,
        by.Contains(UsageDimension.Source) ? key.Source : null);

    private static GroupKey Group(DateOnly day, in TagRow row, IReadOnlySet<UsageDimension> by) => new(
        by.Contains(UsageDimension.Day) ? day : null,
        by.Contains(UsageDimension.Hour) ? row.Hour : null,
        null,
        by.Contains(UsageDimension.Model) ? row.Model : null,
        by.Contains(UsageDimension.Route) ? RouteOf(row.Model) : null,
        null,
        null,
        row.Tag,
        null,
        null);

    private static string RouteOf(string model) => model.StartsWith(RoutePrefix, StringComparison.Ordinal) ? model[RoutePrefix.Length..] : "";

    private static UsageSum Sum(GroupKey key, IEnumerable<UsageFigures> figures)
    {
        var sum = figures.Aggregate(default(UsageFigures), (a, b) => a + b);
        var tokens = sum.Tokens;
        return new UsageSum(
            key.Day, key.Hour, key.Key, key.Model, key.Route, key.Provider, key.Target, key.Tag, key.Status, key.Source,
            sum.Requests, tokens.Input, tokens.CachedRead, tokens.CacheWrite, tokens.InputImage, tokens.InputAudio, tokens.Output, tokens.Reasoning, tokens.OutputAudio, Dollars(sum.CostNano),
            sum.Saved.Answers, sum.Saved.Tokens, Dollars(sum.Saved.Nano));
    }

    private readonly record struct GroupKey(
        DateOnly? Day, int? Hour, string? Key, string? Model, string? Route, string? Provider, string? Target, string? Tag, int? Status, UsageSource? Source);
}
