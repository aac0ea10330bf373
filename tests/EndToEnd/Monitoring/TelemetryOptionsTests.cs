using Sluice.Cli.Hosting;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>What settings and OpenTelemetry's standard variables come to.</summary>
public sealed class TelemetryOptionsTests
{
    private const string Place = "http://127.0.0.1:4317";

    [Fact]
    public void Nothing_is_sent_until_an_endpoint_is_named() => Assert.Null(Of().Tracing);

    [Theory]
    [InlineData(null, null, 1, true)]
    [InlineData("always_on", null, 1, false)]
    [InlineData("parentbased_always_off", null, 0, true)]
    [InlineData("traceidratio", "0.25", 0.25, false)]
    [InlineData("parentbased_traceidratio", "0.05", 0.05, true)]
    public void The_standard_samplers_are_a_ratio_and_whether_the_parent_counts(string? sampler, string? argument, double ratio, bool followsParent) =>
        Assert.Equal(
            new TraceRule(ratio, followsParent, TraceDetails.None),
            Of(("OTEL_EXPORTER_OTLP_ENDPOINT", Place), ("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)).Tracing);

    [Fact]
    public void What_is_set_goes_before_what_is_standard()
    {
        var options = new TelemetryOptions { Endpoint = Place, Sample = "0.5", Tells = "tenant, path", Traces = true }
            .Or(name => name switch { "OTEL_EXPORTER_OTLP_ENDPOINT" => "http://elsewhere:4317", "OTEL_TRACES_EXPORTER" => "none", "OTEL_TRACES_SAMPLER" => "always_off", _ => null });

        Assert.Equal((Place, new TraceRule(0.5, false, TraceDetails.Tenant | TraceDetails.Path)), (options.Endpoint, options.Tracing));
        Assert.Empty(options.Validate());
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    public void The_standard_switches_turn_traces_off(string name, string value) => Assert.Null(Of(("OTEL_EXPORTER_OTLP_ENDPOINT", Place), (name, value)).Tracing);

    [Fact]
    public void All_that_is_wrong_is_told_at_once() => Assert.Equal(
        [
            "Telemetry:Endpoint must begin with http:// or https://, is 'collector:4317'",
            "Telemetry:MetricsProtocol must be grpc or http/protobuf, is 'http/json'",
            "Telemetry:Sample must be 0 to 1, such as 0.05, is '5'",
            "Telemetry:Tells must be of tenant, key, user, path, separated by commas, is 'prompt'",
            "Telemetry:Every must be 1s to 1h, is 00:00:00",
        ],
        new TelemetryOptions { Endpoint = "collector:4317", MetricsProtocol = "http/json", Sample = "5", Tells = "prompt", Every = TimeSpan.Zero }.Validate());

    private static TelemetryOptions Of(params (string Name, string? Value)[] variables) => new TelemetryOptions().Or(name => Array.Find(variables, v => string.Equals(v.Name, name, StringComparison.Ordinal)).Value);
}
