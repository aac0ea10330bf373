using System.Globalization;
using System.Text;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Alerts;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Deployment;

/// <summary>Sluice's own alerts as rules for Prometheus.</summary>
internal static class PrometheusRules
{
    private const string Head = """
        # Sluice's own alerts (docs/alerts.md) as rules for Prometheus. Written by a test from Revisions/Alerts/defaults.yaml, which says how; promtool checks them.
        groups:
          - name: sluice
            rules:

        """;

    /// <summary>The file.</summary>
    public static string Write() => Head + string.Join('\n', BuiltInAlerts.All.Select(Rule));

    private static string Rule(AlertResource alert) => string.Concat(Lines(alert).Select(line => $"      {line}\n"));

    private static IEnumerable<string> Lines(AlertResource alert)
    {
        yield return $"- alert: {NameOf(alert)}";
        yield return $"  expr: {Expression(alert)}";
        if (alert.For > TimeSpan.Zero)
        {
            yield return $"  for: {Durations.Format(alert.For)}";
        }

        yield return $"  labels: {{ severity: {alert.Severity.ToString().ToLowerInvariant()} }}";
        yield return "  annotations:";
        yield return $"    summary: \"{alert.Summary}\"";
        if (!alert.By.IsEmpty)
        {
            yield return $"    about: \"{string.Join(", ", alert.By.Select(by => $"{by}={{{{ $labels.{KnownMetrics.LabelOf(by)} }}}}"))}\"";
        }
    }

    private static string NameOf(AlertResource alert) => alert.Name.Split('-').Aggregate(new StringBuilder("Sluice"), (name, word) => name.Append(char.ToUpperInvariant(word[0])).Append(word.AsSpan(1))).ToString();

    private static string Expression(AlertResource alert)
    {
        var bound = alert.Above is { } above ? FormattableString.Invariant($"> {above}") : FormattableString.Invariant($"< {alert.Below}");
        var (series, over) = ($"{KnownMetrics.SeriesOf(alert)}{Matcher(alert)}", Durations.Format(alert.Over));
        var by = alert.By.Select(KnownMetrics.LabelOf).ToArray();
        if (alert.Combine is { Operation: AlertOperation.Divide, Of: { Value: AlertValue.Increase } other })
        {
            var (first, second) = ($"sum{By(by)}(increase({series}[{over}]))", $"sum{By(by)}(increase({KnownMetrics.SeriesOf(other)}{Matcher(other)}[{over}]))");
            return FormattableString.Invariant($"{first} / {second} {bound} and {second} >= {alert.Least}");
        }

        return alert.Value switch
        {
            // Without a merge of several Prometheus tells the instance.
            AlertValue.Now when by.Length == 0 && alert.Merge is AlertMerge.Max => $"{series} {bound}",
            AlertValue.Now => $"{alert.Merge.ToString().ToLowerInvariant()}{By(by)}({series}) {bound}",
            AlertValue.Increase => $"sum{By(alert.Above is 0 ? [.. by, "instance"] : by)}(increase({series}[{over}])) {bound}",
            AlertValue.Rate => $"sum{By(by)}(rate({series}[{over}])) {bound}",
            AlertValue.Share => FormattableString.Invariant($"sum{By(by)}(rate({series}[{over}])) / sum{By(by)}(rate({KnownMetrics.SeriesOf(alert)}[{over}])) {bound} and sum{By(by)}(increase({KnownMetrics.SeriesOf(alert)}[{over}])) >= {alert.Least}"),
            _ => $"histogram_quantile(0.{alert.Value.ToString()[1..]}, sum{By(["le", .. by])}(rate({series}[{over}]))) {bound}",
        };
    }

    private static string By(string[] labels) => labels.Length == 0 ? "" : $" by ({string.Join(", ", labels)}) ";

    private static string Matcher(AlertResource alert) => alert.Labels.IsEmpty ? "" : $"{{{string.Join(",", alert.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => l.Value.Length == 1 ? $"{KnownMetrics.LabelOf(l.Key)}=\"{l.Value[0]}\"" : $"{KnownMetrics.LabelOf(l.Key)}=~\"{string.Join('|', l.Value)}\""))}}}";
}
