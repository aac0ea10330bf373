using System.Diagnostics;
using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Cli.Hosting;

/// <summary>
/// Sends the traces and metrics of a process to a collector by OTLP, in the background and in bounded queues: a collector that is slow or away costs spans, and no request anything. One
/// for a process, for sources of spans and meters are the process's too.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private const int FlushBound = 3_000;
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    private Telemetry(TracerProvider? traces, MeterProvider? metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Starts; null: nothing is to be sent.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="service">The process's name where none is set.</param>
    public static Telemetry? Start(TelemetryOptions options, string service)
    {
        if (options.Endpoint is null || (options.Tracing is null && options.Metrics is false))
        {
            return null;
        }

        var resource = ResourceBuilder.CreateDefault().AddService(options.Service ?? service, serviceVersion: typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
        var traces = options.Tracing is null ? null : Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource([.. TraceSources.All])
            .SetSampler(new DecidedSampler())
            .AddOtlpExporter(exporter => Set(exporter, options.Endpoint, options.Protocol, options.Headers, "/v1/traces"))
            .Build();
        var metrics = options.Metrics is false ? null : Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(EdgeMeter.Name, ReloadMeter.Name)
            .AddMeter([.. ProcessMeters.Names])
            .SetExemplarFilter(options.Tracing is null ? ExemplarFilterType.AlwaysOff : ExemplarFilterType.TraceBased)
            .AddOtlpExporter((exporter, reader) =>
            {
                Set(exporter, options.MetricsEndpoint ?? options.Endpoint, options.MetricsProtocol ?? options.Protocol, options.Headers, options.MetricsEndpoint is null ? "/v1/metrics" : "");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)(options.Every ?? TimeSpan.FromMinutes(1)).TotalMilliseconds;
            })
            .Build();
        return new Telemetry(traces, metrics);
    }

    /// <summary>Sends what is left, for 3 s at most.</summary>
    public void Dispose()
    {
        _traces?.Shutdown(FlushBound);
        _metrics?.Shutdown(FlushBound);
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    // An endpoint that is set in code is taken as it is.
    private static void Set(OtlpExporterOptions exporter, string endpoint, string? protocol, string? headers, string path)
    {
        exporter.Protocol = protocol is "http/protobuf" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Headers = headers;
        exporter.Endpoint = new Uri(exporter.Protocol is OtlpExportProtocol.HttpProtobuf ? endpoint.TrimEnd('/') + path : endpoint);
    }

    /// <summary>Traces begin with requests, of which it was decided before whether they do; what grains and edges do by themselves begins none. All else goes with its parent.</summary>
    private sealed class DecidedSampler : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            new(samplingParameters.ParentContext.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) || samplingParameters.Tags?.Any(tag => tag.Key is TraceSources.Decided) is true
                ? SamplingDecision.RecordAndSample
                : SamplingDecision.Drop);
    }
}
