using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Alerts;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Alerts;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Alert</c>.</summary>
internal static class AlertReader
{
    private const double Bound = 1e15;
    private const int DefaultLeast = 20;
    private const int MostBy = 3;
    private const int LongestSummary = 300;
    private static readonly TimeSpan ShortestOver = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestOver = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestFor = TimeSpan.FromDays(1);

    // What stands behind /alerts/ in the API by itself.
    private static readonly string[] Taken = ["states", "history", "silences"];

    public static Resource Read(string name, Fields fields)
    {
        if (Taken.Contains(name, StringComparer.Ordinal))
        {
            fields.Wrong("name", $"must not be one of {string.Join(", ", Taken)}");
        }

        var enabled = fields.Flag("enabled") ?? true;
        var (first, known) = ReadValue(name, fields, required: enabled);
        var by = fields.Texts("by");
        foreach (var label in by)
        {
            CheckLabel(fields, known, "by", label, []);
        }

        if (by.Length > MostBy)
        {
            fields.Wrong("by", "must be three labels at most");
        }

        first = first with
        {
            By = by,
            Over = fields.Time("over", ShortestOver, LongestOver, TimeSpan.FromMinutes(5)),
            Least = fields.Number("least", 0, long.MaxValue, DefaultLeast),
        };
        var combine = ReadCombine(fields, first);
        var (above, below) = (fields.Decimal("above", -Bound, Bound), fields.Decimal("below", -Bound, Bound));
        if (enabled && (above is null) == (below is null))
        {
            fields.Wrong("above", "must be given, or 'below', and not both");
        }

        var summary = fields.TextOrNull("summary");
        if (summary?.Length > LongestSummary)
        {
            fields.Wrong("summary", "must be 300 characters at most");
        }

        if (fields.Has("over") && first.Value is AlertValue.Now && combine?.Of.Value is null or AlertValue.Now)
        {
            fields.Wrong("over", "has no effect on what a gauge stands at now; leave it out");
        }

        return first with
        {
            Combine = combine,
            Above = above,
            Below = below,
            For = fields.Time("for", TimeSpan.Zero, LongestFor, TimeSpan.Zero),
            Severity = fields.OneOf<AlertSeverity>("severity", AlertSeverity.Warning),
            Summary = summary,
            Send = fields.Texts("send"),
            Enabled = enabled,
        };
    }

    // What is looked at, as far as it is of one metric.
    private static (AlertResource Value, Metric? Known) ReadValue(string name, Fields fields, bool required)
    {
        var metric = fields.TextOrNull("metric", required);
        var known = metric is null ? null : KnownMetrics.Find(metric);
        if (metric is not null && known is null)
        {
            fields.Wrong("metric", $"'{metric}' is no metric of docs/monitoring.md{Names.Suggest(metric, KnownMetrics.Names)}");
        }

        var value = fields.OneOf<AlertValue>("value", known?.Shape is MetricShape.Gauge ? AlertValue.Now : AlertValue.Increase);
        CheckValue(fields, known, value);
        var labels = fields.Values("labels").ToImmutableDictionary(StringComparer.Ordinal);
        foreach (var (label, values) in labels)
        {
            CheckLabel(fields, known, $"labels.{label}", label, values);
        }

        if (value is AlertValue.Share && labels.IsEmpty)
        {
            fields.Wrong("labels", "is missing: a share is the part that these labels have of the whole metric");
        }

        return (new AlertResource(name, metric ?? "", value, labels) { Merge = fields.OneOf<AlertMerge>("merge", AlertMerge.Max) }, known);
    }

    private static AlertOperand? ReadCombine(Fields fields, AlertResource first)
    {
        if (fields.Object("combine") is not { } inner)
        {
            return null;
        }

        var operation = inner.OneOf<AlertOperation>("operation", null);
        var (second, known) = ReadValue(first.Name, inner, required: true);
        foreach (var label in first.By)
        {
            CheckLabel(inner, known, "metric", label, []);
        }

        inner.Close();
        return new AlertOperand(operation, second with { By = first.By, Over = first.Over, Least = first.Least });
    }

    private static void CheckValue(Fields fields, Metric? metric, AlertValue value)
    {
        var fits = value switch
        {
            AlertValue.Now => metric?.Shape is null or MetricShape.Gauge,
            AlertValue.Increase or AlertValue.Rate or AlertValue.Share => metric?.Shape is null or MetricShape.Counter or MetricShape.Histogram,
            _ => metric?.Shape is null or MetricShape.Histogram,
        };
        if (!fits)
        {
            fields.Wrong("value", $"does not fit a {metric!.Shape.ToString().ToLowerInvariant()}: of gauges take now, of counters increase, rate or share, of histograms those or p50, p90, p95, p99");
        }
    }

    private static void CheckLabel(Fields fields, Metric? metric, string field, string label, ImmutableArray<string> values)
    {
        if (metric is null)
        {
            return;
        }

        if (metric.Tags.FirstOrDefault(t => string.Equals(t.Name, label, StringComparison.Ordinal)) is not { } tag)
        {
            var tags = metric.Tags.Select(t => t.Name).ToArray();
            fields.Wrong(field, tags.Length == 0 ? $"'{metric.Name}' has no labels" : $"'{metric.Name}' has no label '{label}'; it has {string.Join(", ", tags)}");
            return;
        }

        foreach (var value in values.Where(value => tag.Values.Count > 0 && !tag.Values.Contains(value, StringComparer.Ordinal)))
        {
            fields.Wrong(field, $"'{value}' is no value of it; it has {string.Join(", ", tag.Values)}");
        }
    }
}
