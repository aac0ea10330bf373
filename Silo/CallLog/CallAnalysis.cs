using System.Globalization;
using DuckDB.NET.Data;

namespace Sluice.Silo.CallLog;

/// <summary>Figures over the call log. Percentiles are of a sketch, whose memory does not grow with the calls: at most a hundredth off in rank, and exact for few.</summary>
internal sealed class CallAnalysis(CallSearch search)
{
    /// <summary>The most rows of an answer.</summary>
    public const int MostRows = 10_000;

    private const string Quantiles = "[0.5, 0.95, 0.99]";

    private const string Columns = $"""
        count(*)::BIGINT, count(*) FILTER (Status >= 500 OR Status = 0)::BIGINT, count(*) FILTER (Status BETWEEN 400 AND 498)::BIGINT, count(*) FILTER (Status = 429)::BIGINT, count(*) FILTER (Status = 499)::BIGINT,
        count(*) FILTER (Attempts > 0)::BIGINT, count(*) FILTER (Attempts > 1)::BIGINT, sum(InputTokens)::BIGINT, sum(CachedTokens)::BIGINT, sum(OutputTokens)::BIGINT, sum(CostNano)::BIGINT,
        count(*) FILTER (Source = 'cached')::BIGINT, coalesce(sum(SavedNano), 0)::BIGINT, coalesce(sum(SavedTokens), 0)::BIGINT,
        approx_quantile(LatencyMicros::DOUBLE, {Quantiles}), approx_quantile(FirstAfter::DOUBLE, {Quantiles})
        """;

    /// <summary>One row for each combination that occurs, in their order; with no dimension one of all. More than <see cref="MostRows"/> are not told.</summary>
    /// <exception cref="SearchRefusedException">It was not answered.</exception>
    public Task<List<CallFigures>> FiguresAsync(string workspace, CallFilter filter, IReadOnlyList<CallDimension> by, CancellationToken cancellation)
    {
        var keys = by.Select((dimension, i) => string.Create(CultureInfo.InvariantCulture, $"{Expression(dimension)} AS d{i}")).ToList();
        var names = string.Join(", ", by.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"d{i}")));
        var select = string.Join(", ", keys.Append(Columns));
        return search.RunAsync(
            workspace,
            filter,
            (files, where) =>
            {
                var rows = by.Contains(CallDimension.Tag) ? $"(SELECT *, unnest(Tags) AS Tag FROM {files} WHERE {where})" : $"(SELECT * FROM {files} WHERE {where})";
                return by.Count == 0
                    ? $"SELECT {Columns} FROM {rows} HAVING count(*) > 0"
                    : string.Create(CultureInfo.InvariantCulture, $"SELECT {select} FROM {rows} GROUP BY {names} ORDER BY {names} LIMIT {MostRows + 1}");
            },
            row => Read(row, by),
            cancellation);
    }

    /// <summary>Sums by hour.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="filter">Of which calls.</param>
    /// <param name="measure">What is summed.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Hours since 1970, UTC, those with calls.</returns>
    /// <exception cref="SearchRefusedException">It was not answered.</exception>
    public async Task<IReadOnlyDictionary<long, double>> HoursAsync(string workspace, CallFilter filter, CallMeasure measure, CancellationToken cancellation) =>
        (await search.RunAsync(
            workspace,
            filter,
            (files, where) => $"SELECT EndedMicros // 3600000000, ({Sum(measure)})::DOUBLE FROM {files} WHERE {where} GROUP BY 1",
            row => (Hour: row.GetInt64(0), Value: row.IsDBNull(1) ? (double?)null : row.GetDouble(1)),
            cancellation)).Where(hour => hour.Value is not null).ToDictionary(hour => hour.Hour, hour => hour.Value!.Value);

    private static string Sum(CallMeasure measure) => measure switch
    {
        CallMeasure.Calls => "count(*)",
        CallMeasure.Cost => "sum(CostNano)",
        CallMeasure.Tokens => "sum(InputTokens + OutputTokens)",
        CallMeasure.Failures => "count(*) FILTER (Status >= 500 OR Status = 0)",
        CallMeasure.Latency => "approx_quantile(LatencyMicros::DOUBLE, 0.95)",
        CallMeasure.FirstToken => "approx_quantile(FirstAfter::DOUBLE, 0.95)",
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "No such measure."),
    };

    private static string Expression(CallDimension dimension) => dimension switch
    {
        CallDimension.Hour => "strftime(make_timestamp(EndedMicros), '%Y-%m-%dT%H:00:00Z')",
        CallDimension.Day => "strftime(make_timestamp(EndedMicros), '%Y-%m-%d')",
        CallDimension.Tenant => "Tenant",
        CallDimension.Key => "\"Key\"",
        CallDimension.User => "\"User\"",
        CallDimension.Model => "Asked",
        CallDimension.Provider => "CASE WHEN Attempts > 0 THEN split_part(Target, '/', 1) ELSE '' END",
        CallDimension.Target => "Target",
        CallDimension.Prompt => "Prompt",
        CallDimension.Tag => "Tag",
        CallDimension.Status => "Status::VARCHAR",
        CallDimension.Edge => "Edge",
        CallDimension.Revision => "lpad(Revision::VARCHAR, 19, ' ')",
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "No such dimension."),
    };

    private static CallFigures Read(DuckDBDataReader row, IReadOnlyList<CallDimension> by)
    {
        var at = by.Count;
        return new CallFigures(
            by.Select((dimension, i) => (dimension, Text: row.GetString(i).Trim())).ToDictionary(one => one.dimension, one => one.Text),
            row.GetInt64(at),
            row.GetInt64(at + 1),
            row.GetInt64(at + 2),
            row.GetInt64(at + 3),
            row.GetInt64(at + 4),
            row.GetInt64(at + 5),
            row.GetInt64(at + 6),
            row.GetInt64(at + 7),
            row.GetInt64(at + 8),
            row.GetInt64(at + 9),
            row.GetInt64(at + 10),
            row.GetInt64(at + 11),
            row.GetInt64(at + 12),
            row.GetInt64(at + 13),
            Numbers(row, at + 14),
            Numbers(row, at + 15));
    }

    private static IReadOnlyList<double> Numbers(DuckDBDataReader row, int column) => row.IsDBNull(column) ? [] : row.GetFieldValue<List<double>>(column);
}

/// <summary>What may be summed by hour.</summary>
public enum CallMeasure
{
    /// <summary>How many.</summary>
    Calls,

    /// <summary>In 10⁻⁹ US dollar.</summary>
    Cost,

    /// <summary>Input and output.</summary>
    Tokens,

    /// <summary>Those with a status of 500 or more.</summary>
    Failures,

    /// <summary>Its p95, in microseconds.</summary>
    Latency,

    /// <summary>The p95 until the answer began, in microseconds.</summary>
    FirstToken,
}
