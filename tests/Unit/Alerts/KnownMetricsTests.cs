using Sluice.Grains.Alerts;
using Sluice.Revisions;
using Sluice.Revisions.Alerts;
using Sluice.Tests.Processes;
using Sluice.Tests.Unit.Metrics;

namespace Sluice.Tests.Unit.Alerts;

/// <summary>The metrics that alerts may be over are those that are declared, and Sluice's own alerts are alerts.</summary>
public sealed class KnownMetricsTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "alerts.md");
    private static readonly string File = Path.Combine(Repository.Root, "Revisions", "Alerts", "metrics.txt");

    [Fact]
    public void The_list_has_every_metric_as_it_is_declared()
    {
        var expected = string.Concat(Declared.All.Select(m => $"{KnownMetrics.Write(m)}\n"));
        if (Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN") is "1")
        {
            System.IO.File.WriteAllText(File, expected);
        }

        Assert.True(string.Equals(expected, System.IO.File.ReadAllText(File), StringComparison.Ordinal), "Revisions/Alerts/metrics.txt is not what is declared: run this test with SLUICE_WRITE_GOLDEN=1 and commit it.");
        Assert.Equal(Declared.All.Select(m => m.Name).Order(StringComparer.Ordinal), KnownMetrics.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_of_Sluices_own_alerts_is_one_that_may_be_declared()
    {
        var read = Bundle.Parse(BuiltInAlerts.Text).Resources.Select(json => ResourceReader.Read(json)).ToArray();

        Assert.Empty(read.SelectMany(r => r.Errors));
        Assert.Equal(read.Length, BuiltInAlerts.All.Select(a => a.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(BuiltInAlerts.All, alert => Assert.NotNull(alert.Summary));
    }

    [Fact]
    public void The_page_has_each_of_Sluices_own_alerts()
    {
        const string Begin = "<!-- Sluice's own alerts -->\n";
        var page = System.IO.File.ReadAllText(Page);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf("<!-- end of Sluice's own alerts -->", StringComparison.Ordinal));
        var rows = BuiltInAlerts.All.Select(a => $"| `{a.Name}` | {Evaluation.Describe(a)}{(a.By.IsEmpty ? "" : $", by {string.Join(", ", a.By)}")} ({a.Severity.ToString().ToLowerInvariant()}) |\n");
        var expected = $"{page[..from]}| name | when |\n|---|---|\n{string.Concat(rows)}{page[to..]}";
        if (Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN") is "1")
        {
            System.IO.File.WriteAllText(Page, expected);
        }

        Assert.True(string.Equals(expected, page, StringComparison.Ordinal), "The table of docs/alerts.md is not what Sluice has: run this test with SLUICE_WRITE_GOLDEN=1 and commit the page.");
    }

    [Theory]
    [InlineData("""{"metric":"sluice.edge.revisoin","above":1}""", "metric: 'sluice.edge.revisoin' is no metric of docs/monitoring.md; did you mean 'sluice.edge.revision'?")]
    [InlineData("""{"metric":"sluice.edge.revision","value":"rate","above":1}""", "value: does not fit a gauge: of gauges take now, of counters increase, rate or share, of histograms those or p50, p90, p95, p99")]
    [InlineData("""{"metric":"sluice.edge.request.duration","value":"share","above":1}""", "labels: is missing: a share is the part that these labels have of the whole metric")]
    [InlineData("""{"metric":"sluice.edge.request.duration","labels":{"outcome":"6xx"},"above":1}""", "labels.outcome: '6xx' is no value of it; it has upgraded, 2xx, 3xx, 4xx, 5xx, broken, left")]
    [InlineData("""{"metric":"sluice.edge.request.duration","by":["tenant"],"above":1}""", "by: 'sluice.edge.request.duration' has no label 'tenant'; it has outcome")]
    [InlineData("""{"metric":"sluice.edge.revision","above":1,"below":1}""", "above: must be given, or 'below', and not both")]
    [InlineData("""{"metric":"sluice.edge.revision"}""", "above: must be given, or 'below', and not both")]
    [InlineData("""{"metric":"sluice.edge.revision","above":1,"over":"1m"}""", "over: has no effect on what a gauge stands at now; leave it out")]
    [InlineData("""{"above":1}""", "metric: is missing")]
    public void What_is_wrong_with_one_is_told(string fields, string error)
    {
        var read = ResourceReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"Alert","name":"a",{{fields[1..]}}"""));

        Assert.Equal($"Alert/a: {error}", Assert.Single(read.Errors) is var only ? $"{only.Path}: {only.Message}" : "");
    }
}
