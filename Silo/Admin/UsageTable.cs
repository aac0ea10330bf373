using System.Globalization;

namespace Sluice.Silo.Admin;

/// <summary>Sums of usage as the columns of a table.</summary>
public static class UsageTable
{
    private static readonly (string Name, Func<UsageSum, string> Cell)[] Figures =
    [
        ("requests", sum => Number(sum.Requests)),
        ("inputTokens", sum => Number(sum.InputTokens)),
        ("cachedTokens", sum => Number(sum.CachedTokens)),
        ("cacheWriteTokens", sum => Number(sum.CacheWriteTokens)),
        ("imageTokens", sum => Number(sum.ImageTokens)),
        ("audioTokens", sum => Number(sum.AudioTokens)),
        ("outputTokens", sum => Number(sum.OutputTokens)),
        ("reasoningTokens", sum => Number(sum.ReasoningTokens)),
        ("outputAudioTokens", sum => Number(sum.OutputAudioTokens)),
        ("cost", sum => sum.Cost),
        ("cachedAnswers", sum => Number(sum.CachedAnswers)),
        ("savedTokens", sum => Number(sum.SavedTokens)),
        ("saved", sum => sum.Saved),
    ];

    /// <summary>The names of the columns.</summary>
    public static IEnumerable<string> Columns(IEnumerable<UsageDimension> by) => by.Select(dimension => dimension.ToString().ToLowerInvariant()).Concat(Figures.Select(figure => figure.Name));

    /// <summary>A row.</summary>
    public static IEnumerable<string> Row(IEnumerable<UsageDimension> by, UsageSum sum) => by.Select(dimension => Cell(dimension, sum)).Concat(Figures.Select(figure => figure.Cell(sum)));

    /// <summary>What a sum is of, in one dimension.</summary>
    public static string Cell(UsageDimension dimension, UsageSum sum) => dimension switch
    {
        UsageDimension.Day => sum.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        UsageDimension.Hour => sum.Hour?.ToString("00", CultureInfo.InvariantCulture),
        UsageDimension.Key => sum.Key,
        UsageDimension.Model => sum.Model,
        UsageDimension.Route => sum.Route,
        UsageDimension.Provider => sum.Provider,
        UsageDimension.Target => sum.Target,
        UsageDimension.Tag => sum.Tag,
        UsageDimension.Status => sum.Status?.ToString(CultureInfo.InvariantCulture),
        UsageDimension.Source => sum.Source?.ToString().ToLowerInvariant(),
        _ => null,
    } ?? "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
