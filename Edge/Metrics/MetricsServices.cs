using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Sluice.Edge.Metrics;

/// <summary>Registers how an edge's metrics are told.</summary>
internal static class MetricsServices
{
    /// <summary>Adds the text of <c>/metrics</c>, of this edge's meter alone.</summary>
    public static IServiceCollection AddEdgeMetrics(this IServiceCollection services)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("sluice-edge"))
            .WithMetrics(metrics => metrics.AddMeter(EdgeMeter.Name).AddPrometheusExporter(exporter =>
            {
                exporter.ScopeInfoEnabled = false;

                // What was answered before a scrape is in it: no text is kept from the scrape before.
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
            }));

        // Meters are found by name, whosever they are: another edge of this process has one of the same name.
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var own = provider.GetRequiredService<EdgeMeter>().Meter;
            metrics.AddView(instrument => ReferenceEquals(instrument.Meter, own) ? null : MetricStreamConfiguration.Drop);
        });
        return services;
    }
}
