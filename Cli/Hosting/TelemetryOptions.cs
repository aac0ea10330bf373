using System.Globalization;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Cli.Hosting;

/// <summary>
/// Settings of what is sent to a collector, section <c>Sluice:Telemetry</c>; what is not set there is taken from OpenTelemetry's standard variables, <c>OTEL_…</c>. Off unless
/// an endpoint is named. See docs/tracing.md.
/// </summary>
public sealed record TelemetryOptions
{
    private static readonly string[] Details = ["tenant", "key", "user", "path"];

    /// <summary>Where the collector is, such as <c>http://127.0.0.1:4317</c>; null: nothing is sent.</summary>
    public string? Endpoint { get; init; }

    /// <summary><c>grpc</c> (default) or <c>http/protobuf</c>, to whose endpoint <c>/v1/traces</c> and <c>/v1/metrics</c> are added.</summary>
    public string? Protocol { get; init; }

    /// <summary>Where metrics go instead, taken as it is; null: to <see cref="Endpoint"/>.</summary>
    public string? MetricsEndpoint { get; init; }

    /// <summary>By which protocol metrics go instead; null: by <see cref="Protocol"/>.</summary>
    public string? MetricsProtocol { get; init; }

    /// <summary>Headers for the collector, <c>name=value</c> separated by commas; a secret where they hold one.</summary>
    public string? Headers { get; init; }

    /// <summary>Whether traces are sent. Default true.</summary>
    public bool? Traces { get; init; }

    /// <summary>Whether metrics are sent. Default true.</summary>
    public bool? Metrics { get; init; }

    /// <summary>The part of the requests that begin a trace, 0 to 1. Default 1.</summary>
    public string? Sample { get; init; }

    /// <summary>Whether a request that comes with a trace's context is traced as that says. Default true.</summary>
    public bool? FollowParent { get; init; }

    /// <summary>What spans tell besides: of <c>tenant</c>, <c>key</c>, <c>user</c> and <c>path</c>, separated by commas. Default: none.</summary>
    public string? Tells { get; init; }

    /// <summary>How the process is named; null: <c>sluice-edge</c>, <c>sluice-silo</c> or <c>sluice</c>.</summary>
    public string? Service { get; init; }

    /// <summary>How often metrics are sent, 1 s to 1 h; null: each minute.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Which requests are traced; null: none.</summary>
    public TraceRule? Tracing => Endpoint is null || Traces is false ? null : new TraceRule(Ratio ?? 1, FollowParent ?? true, Told ?? TraceDetails.None);

    private double? Ratio => Sample is null ? 1 : double.TryParse(Sample, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio : null;

    private TraceDetails? Told
    {
        get
        {
            var told = TraceDetails.None;
            foreach (var word in (Tells ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var at = Array.IndexOf(Details, word);
                if (at < 0)
                {
                    return null;
                }

                told |= (TraceDetails)(1 << at);
            }

            return told;
        }
    }

    /// <summary>Names where it is sent, and no header.</summary>
    public override string ToString() => Endpoint ?? "nowhere";

    /// <summary>With what the standard variables say where nothing is set.</summary>
    /// <param name="variable">Reads one; null: it is not there.</param>
    public TelemetryOptions Or(Func<string, string?> variable)
    {
        if (string.Equals(Read("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return this with { Endpoint = null };
        }

        var sampler = Read("OTEL_TRACES_SAMPLER");
        var ratio = sampler switch { null => null, "always_on" or "parentbased_always_on" => "1", "always_off" or "parentbased_always_off" => "0", _ => Read("OTEL_TRACES_SAMPLER_ARG") ?? "1" };
        return this with
        {
            Endpoint = Endpoint ?? Read("OTEL_EXPORTER_OTLP_ENDPOINT"),
            Protocol = Protocol ?? Read("OTEL_EXPORTER_OTLP_PROTOCOL"),
            MetricsEndpoint = MetricsEndpoint ?? Read("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            MetricsProtocol = MetricsProtocol ?? Read("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"),
            Headers = Headers ?? Read("OTEL_EXPORTER_OTLP_HEADERS"),
            Traces = Traces ?? IsExported("OTEL_TRACES_EXPORTER"),
            Metrics = Metrics ?? IsExported("OTEL_METRICS_EXPORTER"),
            Sample = Sample ?? ratio,
            FollowParent = FollowParent ?? (sampler is null ? null : sampler.StartsWith("parentbased_", StringComparison.Ordinal)),
            Service = Service ?? Read("OTEL_SERVICE_NAME"),
            Every = Every ?? (int.TryParse(Read("OTEL_METRIC_EXPORT_INTERVAL"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null),
        };

        string? Read(string name) => variable(name) is { Length: > 0 } value ? value : null;
        bool? IsExported(string name) => Read(name) is { } exporter ? exporter.Split(',').Contains("otlp", StringComparer.Ordinal) : null;
    }

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (var (name, endpoint, protocol) in new[] { ("", Endpoint, Protocol), ("Metrics", MetricsEndpoint, MetricsProtocol) })
        {
            if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            {
                yield return $"Telemetry:{name}Endpoint must begin with http:// or https://, is '{endpoint}'";
            }

            if (protocol is not (null or "grpc" or "http/protobuf"))
            {
                yield return $"Telemetry:{name}Protocol must be grpc or http/protobuf, is '{protocol}'";
            }
        }

        if (Ratio is null)
        {
            yield return $"Telemetry:Sample must be 0 to 1, such as 0.05, is '{Sample}'";
        }

        if (Told is null)
        {
            yield return $"Telemetry:Tells must be of {string.Join(", ", Details)}, separated by commas, is '{Tells}'";
        }

        if (Every is { } every && (every < TimeSpan.FromSeconds(1) || every > TimeSpan.FromHours(1)))
        {
            yield return FormattableString.Invariant($"Telemetry:Every must be 1s to 1h, is {every:c}");
        }
    }
}
