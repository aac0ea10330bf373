using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Alerts;

namespace Sluice.Tests.Unit.Deployment;

/// <summary>A dashboard for Grafana with a panel for each metric of a list, in rows by what they are of.</summary>
internal static class GrafanaDashboard
{
    private const int Width = 12;
    private const int Height = 8;

    // Grafana's schema knows no null: what is not set is left out.
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The file, as Grafana imports it.</summary>
    /// <param name="uid">By which it is known.</param>
    /// <param name="title">For people.</param>
    /// <param name="metrics">In the order of the page.</param>
    /// <param name="row">What a metric is of.</param>
    public static string Write(string uid, string title, IReadOnlyList<Metric> metrics, Func<Metric, string> row)
    {
        var panels = new List<object>();
        var y = 0;
        foreach (var group in metrics.GroupBy(row, StringComparer.Ordinal))
        {
            panels.Add(new { id = panels.Count + 1, type = "row", title = group.Key, collapsed = false, panels = Array.Empty<object>(), gridPos = new { h = 1, w = 2 * Width, x = 0, y } });
            y++;
            foreach (var (metric, i) in group.Select((metric, i) => (metric, i)))
            {
                panels.Add(Panel(metric, panels.Count + 1, i % 2 * Width, y + (i / 2 * Height)));
            }

            y += (group.Count() + 1) / 2 * Height;
        }

        return JsonSerializer.Serialize(
            new
            {
                uid,
                title,
                tags = new[] { "sluice" },
                schemaVersion = 39,
                refresh = "30s",
                time = new { from = "now-1h", to = "now" },
                templating = new
                {
                    list = new object[]
                    {
                        new { name = "datasource", label = "Prometheus", type = "datasource", query = "prometheus" },
                        new { name = "instance", label = "Instance", type = "query", datasource = Source, query = $"label_values({metrics[0].PrometheusName}, instance)", includeAll = true, multi = true, allValue = ".*", refresh = 2 },
                    },
                },
                panels,
            },
            Format) + "\n";
    }

    private static object Source => new { type = "prometheus", uid = "${datasource}" };

    private static object Panel(Metric metric, int id, int x, int y) => new
    {
        id,
        type = "timeseries",
        title = metric.Name,
        description = metric.Description,
        datasource = Source,
        gridPos = new { h = Height, w = Width, x, y },
        fieldConfig = new { defaults = new { unit = Unit(metric), min = metric.Shape is MetricShape.Gauge ? (int?)null : 0 }, overrides = Array.Empty<object>() },
        targets = Queries(metric).Select((query, i) => new { refId = ((char)('A' + i)).ToString(), datasource = Source, expr = query.Expression, legendFormat = query.Legend }).ToArray(),
    };

    private static IEnumerable<(string Expression, string Legend)> Queries(Metric metric)
    {
        var tags = metric.Tags.Select(t => KnownMetrics.LabelOf(t.Name)).ToArray();
        var legend = tags.Length == 0 ? "{{instance}}" : string.Join(' ', tags.Select(t => $"{{{{{t}}}}}"));
        var by = string.Join(", ", tags.Length == 0 ? ["instance"] : tags);
        var series = $$"""{{metric.PrometheusName}}{instance=~"$instance"}""";
        return metric.Shape switch
        {
            MetricShape.Gauge => [($"max by ({by}) ({series})", legend)],
            MetricShape.Counter => [($"sum by ({by}) (rate({series}[$__rate_interval]))", legend)],
            _ => new[] { "0.5", "0.99" }.Select(q => ($$"""histogram_quantile({{q}}, sum by (le) (rate({{metric.PrometheusName}}_bucket{instance=~"$instance"}[$__rate_interval])))""", $"p{q[2..].PadRight(2, '0')}"))
                .Append(($$"""sum by ({{by}}) (rate({{metric.PrometheusName}}_count{instance=~"$instance"}[$__rate_interval]))""", $"a second {legend}")),
        };
    }

    private static string Unit(Metric metric) => (metric.Unit, metric.Shape) switch
    {
        ("s", _) => "s",
        ("By", MetricShape.Counter) => "Bps",
        ("By", _) => "bytes",
        ("1", _) => "percentunit",
        (_, MetricShape.Counter) => "cps",
        _ => "short",
    };
}
