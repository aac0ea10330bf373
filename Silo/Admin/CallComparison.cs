using System.Globalization;
using Sluice.Grains.Usage.Results;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Two sets of calls side by side.</summary>
/// <param name="A">The one; null: there are no calls of it.</param>
/// <param name="B">The other; null: there are no calls of it.</param>
/// <param name="Differences">How the other differs; empty where there are calls of one alone.</param>
public sealed record CompareAnswer(DateTimeOffset From, DateTimeOffset To, FiguresView? A, FiguresView? B, IReadOnlyList<CallDifference> Differences);

/// <summary>How two sets of calls differ in one figure.</summary>
/// <param name="Measure">Which.</param>
/// <param name="A">Of the one.</param>
/// <param name="B">Of the other.</param>
/// <param name="Change">By how much the other is more, as a share of the one; null: that is 0.</param>
/// <param name="Least">Of a share: the difference is this or more, with 95 % confidence.</param>
/// <param name="Most">Of a share: the difference is this or less, with 95 % confidence. Where 0 lies between, it may be chance.</param>
public sealed record CallDifference(string Measure, double A, double B, double? Change, double? Least = null, double? Most = null);

/// <summary>Compares two sets of calls. Pure.</summary>
internal static class CallComparison
{
    private const double NanoPerDollar = 1e9;
    private static readonly CallDimension[] Comparable =
    [
        CallDimension.Revision, CallDimension.Prompt, CallDimension.Model, CallDimension.Target, CallDimension.Provider, CallDimension.Tenant, CallDimension.Key, CallDimension.Tag, CallDimension.Edge,
    ];

    /// <summary>Which calls one side has.</summary>
    /// <param name="query">Says by what, and which.</param>
    /// <param name="filter">What holds of both.</param>
    /// <param name="side"><c>a</c> or <c>b</c>.</param>
    public static CallFilter Choose(QueryReader query, CallFilter filter, string side)
    {
        var isFirst = string.Equals(side, "a", StringComparison.Ordinal);
        if (query.Text(side) is not { } value)
        {
            query.Wrong(side, "is missing: name what is compared");
            return filter;
        }

        if (query.Text("by") is not { } by || !Enums.TryRead<CallDimension>(by, out var dimension) || !Comparable.Contains(dimension))
        {
            if (isFirst)
            {
                query.Wrong("by", $"must be one of {string.Join(", ", Comparable.Select(Enums.NameOf))}; is '{query.Text("by")}'");
            }

            return filter;
        }

        if (dimension is CallDimension.Revision)
        {
            if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            {
                query.Wrong(side, $"must be a revision such as 41; is '{value}'");
            }

            return filter with { Revision = revision };
        }

        if (dimension is CallDimension.Tenant && filter.Tenant is { } only && !string.Equals(only, value, StringComparison.Ordinal))
        {
            query.Wrong(side, $"is not of tenant '{only}', whose calls alone are asked for");
        }

        return dimension switch
        {
            CallDimension.Prompt => filter with { Prompt = value },
            CallDimension.Model => filter with { Asked = value },
            CallDimension.Target => filter with { Target = value },
            CallDimension.Provider => filter with { Provider = value },
            CallDimension.Tenant => filter with { Tenant = value },
            CallDimension.Key => filter with { Key = value },
            CallDimension.Tag => filter with { Tag = value },
            _ => filter with { Edge = value },
        };
    }

    /// <summary>The comparison.</summary>
    public static CompareAnswer Of(CallFilter filter, CallFigures? a, CallFigures? b) => new(
        filter.From,
        filter.To,
        a is null ? null : FiguresView.From(a),
        b is null ? null : FiguresView.From(b),
        a is null || b is null ? [] :
        [
            Shares("failed", (a.Failed, a.Calls), (b.Failed, b.Calls)),
            Shares("refused", (a.Refused, a.Calls), (b.Refused, b.Calls)),
            Shares("retried", (a.Retried, a.AtModels), (b.Retried, b.AtModels)),
            Shares("from cache", (a.FromCache, a.AtModels + a.FromCache), (b.FromCache, b.AtModels + b.FromCache)),
            Figure("cached tokens", FiguresView.Share(a.CachedTokens, a.InputTokens), FiguresView.Share(b.CachedTokens, b.InputTokens)),
            Figure("input tokens a call", Mean(a.InputTokens, a.Calls), Mean(b.InputTokens, b.Calls)),
            Figure("output tokens a call", Mean(a.OutputTokens, a.Calls), Mean(b.OutputTokens, b.Calls)),
            Figure("cost a call, USD", Mean(a.CostNano, a.Calls) / NanoPerDollar, Mean(b.CostNano, b.Calls) / NanoPerDollar),
            .. Percentiles("latency", a.Latency, b.Latency),
            .. Percentiles("first token", a.First, b.First),
        ]);

    private static IEnumerable<CallDifference> Percentiles(string what, IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        a.Count < 3 || b.Count < 3 ? [] : new[] { "p50", "p95", "p99" }.Select((name, i) => Figure($"{what} {name}, ms", a[i] / 1_000, b[i] / 1_000));

    // The interval of Agresti and Caffo: it holds what it says also for shares near 0, of few calls.
    private static CallDifference Shares(string measure, (long Part, long Whole) a, (long Part, long Whole) b)
    {
        var (first, second) = ((a.Part + 1.0) / (a.Whole + 2), (b.Part + 1.0) / (b.Whole + 2));
        var half = Interval.Z * Math.Sqrt((first * (1 - first) / (a.Whole + 2)) + (second * (1 - second) / (b.Whole + 2)));
        return Figure($"{measure} share", FiguresView.Share(a.Part, a.Whole), FiguresView.Share(b.Part, b.Whole)) with
        {
            Least = Math.Round(second - first - half, 4), Most = Math.Round(second - first + half, 4),
        };
    }

    private static CallDifference Figure(string measure, double a, double b) => new(measure, Round(a), Round(b), a == 0 ? null : Math.Round((b - a) / a, 4));

    private static double Mean(long sum, long count) => count == 0 ? 0 : (double)sum / count;

    private static double Round(double value) => Math.Round(value, 9);
}
