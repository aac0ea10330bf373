using System.Text.RegularExpressions;
using Sluice.Edge.Metrics;
using Sluice.Grains.Acme;
using Sluice.Grains.Alerts;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;
using Sluice.Grains.Webhooks;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Metrics;

/// <summary>docs/monitoring.md has every metric as it is declared: its tables are written by this test.</summary>
public sealed partial class MonitoringPageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "monitoring.md");

    [Fact]
    public void The_page_has_every_metric_as_it_is_declared()
    {
        var page = File.ReadAllText(Page);
        var expected = Write(Write(page, "silo", Declared.Silo), "edge", Declared.Edge);
        if (Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN") is "1")
        {
            File.WriteAllText(Page, expected);
        }

        Assert.True(string.Equals(expected, page, StringComparison.Ordinal), "The tables of docs/monitoring.md are not what is declared: run this test with SLUICE_WRITE_GOLDEN=1 and commit the page.");
    }

    [Fact]
    public void Each_metric_is_declared_once_listed_and_says_what_it_is()
    {
        Assert.Equal(Declared.All.Count, Declared.All.Select(m => m.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Declared.All, metric =>
        {
            Assert.Matches(Name(), metric.Name);
            Assert.EndsWith(".", metric.Description, StringComparison.Ordinal);
            Assert.Matches(Unit(), metric.Unit);
        });
        foreach (var (type, listed) in new[] { (typeof(ReloadMetrics), ReloadMetrics.All), (typeof(WebhookMetrics), WebhookMetrics.All), (typeof(AlertMetrics), AlertMetrics.All), (typeof(AcmeMetrics), AcmeMetrics.All), (typeof(EdgeMetrics), EdgeMetrics.All), (typeof(GenAiMetrics), GenAiMetrics.All) })
        {
            Assert.Equal(type.GetFields().Where(f => f.FieldType == typeof(Metric)).Select(f => (Metric)f.GetValue(null)!), listed);
        }
    }

    private static string Write(string page, string who, IReadOnlyList<Metric> metrics)
    {
        var (begin, end) = ($"<!-- metrics of the {who} -->\n", $"<!-- end of the {who}'s -->");
        var (from, to) = (page.IndexOf(begin, StringComparison.Ordinal), page.IndexOf(end, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"the page has no place for the metrics of the {who}");
        var rows = metrics.Select(m => $"| `{m.Name}` | `{m.PrometheusName}` | {m.Shape.ToString().ToLowerInvariant()} | {m.Unit} | {Tags(m)} | {m.Description} |\n");
        return $"{page[..(from + begin.Length)]}| name | in Prometheus | kind | unit | tags | meaning |\n|---|---|---|---|---|---|\n{string.Concat(rows)}{page[to..]}";
    }

    private static string Tags(Metric metric) =>
        string.Join("; ", metric.Tags.Select(t => t.Values.Count == 0 ? $"`{t.Name}`" : $"`{t.Name}`: {string.Join(", ", t.Values)}"));

    [GeneratedRegex(@"^(sluice\.(reload|webhooks|budgets|certificates|alerts|processes|edge)|gen_ai\.(client|server))(\.[a-z_]+)+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"^(s|By|1|\{[a-z]+\})$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Unit();
}
