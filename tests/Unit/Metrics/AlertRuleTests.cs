using System.Text.RegularExpressions;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Metrics;

/// <summary>The alert rules of deploy/prometheus speak of metrics, tags and values that there are, and say what they should to series as Sluice writes them.</summary>
public sealed partial class AlertRuleTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "prometheus");

    [Theory]
    [InlineData("alerts.yaml")]
    [InlineData("alerts.test.yaml")]
    public void Each_metric_and_tag_of_the_rules_is_declared(string file)
    {
        var series = Declared.All.SelectMany(metric => Declared.Series(metric).Select(name => (name, metric))).ToDictionary(s => s.name, s => s.metric, StringComparer.Ordinal);
        var used = Series().Matches(File.ReadAllText(Path.Combine(Folder, file))).ToArray();
        Assert.NotEmpty(used);

        Assert.All(used, match => Assert.Contains(match.Groups["name"].Value, series.Keys));
        var wrong = from match in used
                    from tag in Tag().Matches(match.Groups["tags"].Value)
                    where !IsDeclared(series[match.Groups["name"].Value], tag.Groups["tag"].Value, tag.Groups["value"].Value)
                    select match.Value;
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Promtool_accepts_the_rules_and_the_scrape_configuration()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");

        Assert.Equal("", await Promtool.FaultAsync(Folder, "", "check", "rules", "alerts.yaml"));
        Assert.Equal("", await Promtool.FaultAsync(Folder, "", "check", "config", "--syntax-only", "prometheus.yaml"));
    }

    [Fact]
    public async Task The_rules_say_what_they_should()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");

        Assert.Equal("", await Promtool.FaultAsync(Folder, "", "test", "rules", "alerts.test.yaml"));
    }

    // Those of the scrape itself are Prometheus'.
    private static bool IsDeclared(Metric metric, string tag, string value) => tag is "instance" or "job" or "le"
        || metric.Tags.Any(t => string.Equals(t.Name, tag, StringComparison.Ordinal) && (t.Values.Count == 0 || t.Values.Contains(value, StringComparer.Ordinal)));

    [GeneratedRegex(@"\b(?<name>sluice_[a-z_]+)(\{(?<tags>[^}]*)\})?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Series();

    [GeneratedRegex(@"(?<tag>[a-z_]+)=""(?<value>[^""]*)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();
}
