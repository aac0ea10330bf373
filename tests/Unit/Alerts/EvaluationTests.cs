using System.Text;
using Sluice.Grains.Alerts;
using Sluice.Grains.Interfaces.Alerts;
using Sluice.Revisions;
using Sluice.Revisions.Alerts;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Alerts;

/// <summary>What an alert's condition comes to over what processes told.</summary>
public sealed class EvaluationTests
{
    private const string Requests = "sluice_edge_request_duration_seconds_count";
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Readings _readings = new(Start, TimeSpan.FromSeconds(10));

    [Theory]
    [InlineData("max", 7)]
    [InlineData("min", 2)]
    [InlineData("sum", 9)]
    public void Gauges_of_several_processes_become_one(string merge, double value)
    {
        Tell("a", 0, ("sluice_edge_lease_lapsed", "", 2));
        Tell("b", 0, ("sluice_edge_lease_lapsed", "", 7));

        Assert.Equal(value, Value($$"""{"metric":"sluice.edge.lease.lapsed","merge":"{{merge}}","above":0}""", 5));
    }

    [Theory]
    [InlineData("divide", 0.25)]
    [InlineData("plus", 50)]
    [InlineData("minus", -30)]
    [InlineData("times", 400)]
    public void Two_metrics_become_one_value(string operation, double value)
    {
        const string Retries = "sluice_edge_upstreams_retries_total";
        var alert = $$"""{"metric":"sluice.edge.upstreams.retries","combine":{"operation":"{{operation}}","metric":"sluice.edge.request.duration"},"over":"1m","above":0}""";
        Tell("a", 0, (Retries, "", 5), (Requests, "", 100));
        Tell("a", 10, (Retries, "", 15), (Requests, "", 140));

        Assert.Equal(value, Value(alert, 10));
    }

    [Fact]
    public void What_did_not_grow_is_none_of_those_it_is_divided_by_and_by_too_few_nothing_is_divided()
    {
        const string Alert = """{"metric":"sluice.edge.upstreams.retries","combine":{"operation":"divide","metric":"sluice.edge.request.duration","labels":{"outcome":"5xx"}},"over":"1m","above":0}""";
        Tell("a", 0, (Requests, "outcome=\"5xx\"", 0));
        Tell("a", 10, (Requests, "outcome=\"5xx\"", 19));
        Assert.Null(Value(Alert, 10));
        Tell("a", 20, (Requests, "outcome=\"5xx\"", 20));
        Assert.Equal(0, Value(Alert, 20));
    }

    [Theory]
    [InlineData("\"combine\":{\"metric\":\"sluice.edge.request.duration\"}", "combine.operation: is missing")]
    [InlineData("\"combine\":{\"operation\":\"divide\"}", "combine.metric: is missing")]
    [InlineData("\"combine\":{\"operation\":\"divide\",\"metric\":\"sluice.edge.lease.lapsed\",\"value\":\"rate\"}", "combine.value: does not fit a gauge")]
    [InlineData("\"combine\":{\"operation\":\"divide\",\"metric\":\"sluice.edge.lease.lapsed\",\"over\":\"1m\"}", "combine.over: ")]
    [InlineData("\"by\":[\"via\"],\"combine\":{\"operation\":\"divide\",\"metric\":\"sluice.edge.lease.lapsed\"}", "combine.metric: 'sluice.edge.lease.lapsed' has no labels")]
    public void What_is_wrong_with_a_second_metric_is_told(string fields, string expected)
    {
        var errors = ResourceReader.Read(Encoding.UTF8.GetBytes($$"""{"kind":"Alert","name":"a","metric":"sluice.reload.publishes","above":0,{{fields}}}""")).Errors;

        Assert.Contains(errors, e => $"{e.Path}: {e.Message}".StartsWith($"Alert/a: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_silent_process_told_counts_no_more_and_it_is_counted_until_it_says_that_it_ends()
    {
        Tell("a", 0, ("sluice_edge_lease_lapsed", "", 1));

        Assert.Null(Value("""{"metric":"sluice.edge.lease.lapsed","above":0}""", 36));
        Assert.Equal((0, 1), (_readings.Silent(silos: true, Start.AddSeconds(36)), _readings.Silent(silos: false, Start.AddSeconds(36))));
        _readings.Leave("a");
        Assert.Equal(0, _readings.Silent(silos: false, Start.AddSeconds(36)));
    }

    [Fact]
    public void What_a_process_had_before_it_was_known_is_no_increase_and_a_counter_that_begins_anew_counts_from_0()
    {
        const string Alert = """{"metric":"sluice.webhooks.deliveries","labels":{"outcome":"retried"},"over":"1m","above":0}""";
        Tell("a", 0, Delivered(100));
        Assert.Null(Value(Alert, 0));
        Tell("a", 10, Delivered(103));
        Assert.Equal(3, Value(Alert, 10));
        Tell("a", 20, Delivered(2));
        Assert.Equal(5, Value(Alert, 20));
        Assert.Equal(2, Value(Alert, 75));
        Assert.Equal(0, Value(Alert, 85));

        static (string, string, double) Delivered(double value) => ("sluice_webhooks_deliveries_total", "outcome=\"retried\"", value);
    }

    [Fact]
    public void A_series_that_appears_in_a_known_process_began_at_0()
    {
        _readings.Take(new ProcessReadings("a", false, [Requests], []), Start);
        Tell("a", 10, (Requests, "outcome=\"5xx\"", 4));

        Assert.Equal(4, Value("""{"metric":"sluice.edge.request.duration","labels":{"outcome":"5xx"},"above":0}""", 10));
    }

    [Fact]
    public void A_share_is_of_the_whole_metric_and_needs_enough_of_it()
    {
        const string Alert = """{"metric":"sluice.edge.request.duration","value":"share","labels":{"outcome":["5xx","broken"]},"above":0.05,"least":100}""";
        Tell("a", 0, (Requests, "outcome=\"2xx\"", 0), (Requests, "outcome=\"5xx\"", 0), (Requests, "outcome=\"broken\"", 0));
        Tell("a", 10, (Requests, "outcome=\"2xx\"", 80), (Requests, "outcome=\"5xx\"", 9), (Requests, "outcome=\"broken\"", 1));
        Assert.Null(Value(Alert, 10));
        Tell("a", 20, (Requests, "outcome=\"2xx\"", 90), (Requests, "outcome=\"5xx\"", 9), (Requests, "outcome=\"broken\"", 1));

        Assert.Equal(0.1, Value(Alert, 20));
    }

    [Fact]
    public void A_percentile_is_as_Prometheus_has_it()
    {
        const string Buckets = "sluice_reload_duration_seconds_bucket";
        (string, string, double)[] At(double a, double b, double c) => [(Buckets, "le=\"0.1\"", a), (Buckets, "le=\"1\"", b), (Buckets, "le=\"+Inf\"", c)];
        Tell("a", 0, At(0, 0, 0));
        Tell("a", 10, At(50, 90, 100));

        Assert.Equal(0.1, Value("""{"metric":"sluice.reload.duration","value":"p50","above":1}""", 10)!.Value, 6);
        Assert.Equal(1, Value("""{"metric":"sluice.reload.duration","value":"p90","above":1}""", 10)!.Value, 6);
        Assert.Equal(1, Value("""{"metric":"sluice.reload.duration","value":"p99","above":1}""", 10)!.Value, 6);
    }

    [Fact]
    public void Each_value_of_a_label_is_a_group_of_its_own()
    {
        Tell("a", 0, ("sluice_edge_certificate_due", "certificate=\"shop\"", 1), ("sluice_edge_certificate_due", "certificate=\"a \\\"b\\\"\"", 0));

        Assert.Equal(
            [("certificate=a \"b\"", 0.0), ("certificate=shop", 1.0)],
            Evaluation.Of(Alert("""{"metric":"sluice.edge.certificate.due","by":["certificate"],"above":0}"""), _readings, Start).Select(g => (g.Key, g.Value!.Value)).OrderBy(g => g.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void The_text_of_metrics_is_read_with_braces_in_values_and_what_follows_a_value()
    {
        const string Text = """
            # TYPE sluice_x gauge
            sluice_x{name="a}b\"",le="+Inf"} 3 1700000000 # {trace_id="1"} 2
            sluice_y 4.5
            other 9
            sluice_z NaN
            """;

        Assert.Equal(
            [new SeriesReading("sluice_x", "name=\"a}b\\\"\",le=\"+Inf\"", 3), new SeriesReading("sluice_y", "", 4.5)],
            PrometheusText.Read(Text, new HashSet<string>(["sluice_x", "sluice_y", "sluice_z"], StringComparer.Ordinal)));
    }

    private static AlertResource Alert(string fields) => (AlertResource)ResourceReader.Read(Encoding.UTF8.GetBytes($$"""{"kind":"Alert","name":"a",{{fields[1..]}}""")).Resource!;

    private double? Value(string fields, double at) => Evaluation.Of(Alert(fields), _readings, Start.AddSeconds(at)).GetValueOrDefault("");

    private void Tell(string process, double at, params (string Name, string Labels, double Value)[] series) =>
        _readings.Take(new ProcessReadings(process, false, [.. series.Select(s => s.Name).Distinct(StringComparer.Ordinal)], [.. series.Select(s => new SeriesReading(s.Name, s.Labels, s.Value))]), Start.AddSeconds(at));
}
