using System.Globalization;
using System.Text.Json;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Figures of some calls of the log.</summary>
/// <param name="Of">What they are of, by dimension: <c>{ "tenant": "acme", "day": "2026-01-31" }</c>.</param>
/// <param name="Calls">All.</param>
/// <param name="Failed">Those with a status of 500 or more.</param>
/// <param name="FailedShare">0 to 1.</param>
/// <param name="Refused">Those with a status of 400 to 498.</param>
/// <param name="Limited">Of these, those with 429.</param>
/// <param name="Left">Those whose client left, 499.</param>
/// <param name="Retried">Those with more than one attempt at a model.</param>
/// <param name="RetriedShare">Of the calls with an attempt at a model, 0 to 1.</param>
/// <param name="CachedTokens">Of the input: read from a provider's cache.</param>
/// <param name="CachedShare">Of the input, 0 to 1.</param>
/// <param name="Cost">In US dollar. A copy: sums of what was charged are told by the usage of tenants.</param>
/// <param name="FromCache">Those that were given a kept answer: no model was asked.</param>
/// <param name="FromCacheShare">Of the calls to models, 0 to 1.</param>
/// <param name="SavedTokens">What these did not use, input and output together.</param>
/// <param name="Saved">What that would have cost beyond what was charged, in US dollar.</param>
/// <param name="LatencyMs">Until the last byte.</param>
/// <param name="FirstMs">Until the answer of a model began; null: none did.</param>
public sealed record FiguresView(
    IReadOnlyDictionary<string, string> Of,
    long Calls,
    long Failed,
    double FailedShare,
    long Refused,
    long Limited,
    long Left,
    long Retried,
    double RetriedShare,
    long InputTokens,
    long CachedTokens,
    double CachedShare,
    long OutputTokens,
    string Cost,
    long FromCache,
    double FromCacheShare,
    long SavedTokens,
    string Saved,
    Percentiles LatencyMs,
    Percentiles? FirstMs)
{
    private const double MicrosPerMilli = 1_000;

    /// <summary>The names of a table's columns behind those of the dimensions.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "calls", "failed", "failedShare", "refused", "limited", "left", "retried", "retriedShare", "inputTokens", "cachedTokens", "cachedShare", "outputTokens", "cost", "fromCache", "fromCacheShare", "savedTokens", "saved",
        "latencyP50Ms", "latencyP95Ms", "latencyP99Ms", "firstP50Ms", "firstP95Ms", "firstP99Ms",
    ];

    /// <summary>A dimension as it is written.</summary>
    public static string NameOf(CallDimension dimension) => JsonNamingPolicy.CamelCase.ConvertName(dimension.ToString());

    /// <summary>As the cells of a table, behind those of the dimensions.</summary>
    public IEnumerable<string> Row() =>
    [
        Text(Calls), Text(Failed), Text(FailedShare), Text(Refused), Text(Limited), Text(Left), Text(Retried), Text(RetriedShare), Text(InputTokens), Text(CachedTokens), Text(CachedShare), Text(OutputTokens), Cost, Text(FromCache), Text(FromCacheShare), Text(SavedTokens), Saved,
        Text(LatencyMs.P50), Text(LatencyMs.P95), Text(LatencyMs.P99), Text(FirstMs?.P50), Text(FirstMs?.P95), Text(FirstMs?.P99),
    ];

    /// <summary>Of what was found.</summary>
    internal static FiguresView From(CallFigures found) => new(
        found.Of.ToDictionary(one => NameOf(one.Key), one => one.Value, StringComparer.Ordinal),
        found.Calls,
        found.Failed,
        Share(found.Failed, found.Calls),
        found.Refused,
        found.Limited,
        found.Left,
        found.Retried,
        Share(found.Retried, found.AtModels),
        found.InputTokens,
        found.CachedTokens,
        Share(found.CachedTokens, found.InputTokens),
        found.OutputTokens,
        UsageSums.Dollars(found.CostNano),
        found.FromCache,
        Share(found.FromCache, found.AtModels + found.FromCache),
        found.SavedTokens,
        UsageSums.Dollars(found.SavedNano),
        Millis(found.Latency) ?? default,
        Millis(found.First));

    /// <summary>A part of a whole, to four digits; 0 of nothing.</summary>
    internal static double Share(long part, long whole) => whole == 0 ? 0 : Math.Round((double)part / whole, 4);

    private static Percentiles? Millis(IReadOnlyList<double> micros) => micros is [var p50, var p95, var p99] ? new Percentiles(Round(p50), Round(p95), Round(p99)) : null;

    private static double Round(double micros) => Math.Round(micros / MicrosPerMilli, 3);

    private static string Text(double? number) => number?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Percentiles.</summary>
public readonly record struct Percentiles(double P50, double P95, double P99);
