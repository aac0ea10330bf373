using System.Text.Json;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Tests.Processes;
using Sluice.Tests.Unit.Metrics;

namespace Sluice.Tests.Unit.Deployment;

/// <summary>The rules and dashboards of deploy/ are written from what is declared, so that they cannot drift: by this test with SLUICE_WRITE_GOLDEN=1, which <c>deploy/monitoring</c> runs.</summary>
public sealed class DeployedMonitoringTests
{
    public static TheoryData<string> Files => new(Written.Keys);

    private static Dictionary<string, Func<string>> Written { get; } = new(StringComparer.Ordinal)
    {
        ["prometheus/alerts.yaml"] = PrometheusRules.Write,
        ["grafana/sluice-silos.json"] = () => GrafanaDashboard.Write("sluice-silos", "Sluice: reloads and alerts", Declared.Silo, m => m.Name.Split('.')[1]),
        ["grafana/sluice-edges.json"] = () => GrafanaDashboard.Write("sluice-edges", "Sluice: edges and models", Declared.Edge, RowOf),
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_what_is_declared(string name)
    {
        var path = Path.Combine(Repository.Root, "deploy", name);
        var expected = Written[name]();
        if (Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN") is "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path) && string.Equals(expected, File.ReadAllText(path), StringComparison.Ordinal), $"deploy/{name} is not what is declared: run deploy/monitoring and commit it.");
    }

    [Fact]
    public void Every_metric_has_a_panel()
    {
        var titles = new[] { "grafana/sluice-silos.json", "grafana/sluice-edges.json" }
            .SelectMany(name => JsonDocument.Parse(Written[name]()).RootElement.GetProperty("panels").EnumerateArray())
            .Where(panel => panel.GetProperty("type").GetString() is "timeseries")
            .Select(panel => panel.GetProperty("title").GetString()!);

        Assert.Equal(Declared.All.Select(m => m.Name).Order(StringComparer.Ordinal), titles.Order(StringComparer.Ordinal));
    }

    // sluice.edge.upstreams.… is of upstreams; what has no such part is of edges.
    private static string RowOf(Metric metric) => metric.Name.Split('.') switch
    {
        ["gen_ai", ..] => "models",
        [_, _, var of, _, ..] => of,
        _ => "edge",
    };
}
