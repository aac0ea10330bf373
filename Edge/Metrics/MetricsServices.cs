using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Alerts;

namespace Sluice.Edge.Metrics;

/// <summary>Registers how an edge's metrics are told.</summary>
internal static class MetricsServices
{
    /// <summary>Adds the text of <c>/metrics</c>: this edge's meter, and those of the process: .NET's own and Orleans'.</summary>
    /// <param name="services">The edge's.</param>
    /// <param name="isTold">False: nobody listens to the instruments.</param>
    /// <param name="isTraced">Whether requests are traced: a histogram's ranges then name the trace of a request that fell into them.</param>
    public static IServiceCollection AddEdgeMetrics(this IServiceCollection services, bool isTold = true, bool isTraced = false)
    {
        if (!isTold)
        {
            return services;
        }

        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("sluice-edge"))
            .WithMetrics(metrics => metrics
                .AddMeter(EdgeMeter.Name)
                .AddMeter([.. ProcessMeters.Names])
                .SetExemplarFilter(isTraced ? ExemplarFilterType.TraceBased : ExemplarFilterType.AlwaysOff)
                .AddPrometheusExporter(exporter =>
                {
                    exporter.ScopeInfoEnabled = false;

                    // What was answered before a scrape is in it: no text is kept from the scrape before.
                    exporter.ScrapeResponseCacheDurationMilliseconds = 0;
                }));

        // Meters are found by name, whosever they are: another edge of this process has one of the same name.
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var own = provider.GetRequiredService<EdgeMeter>().Meter;
            metrics.AddView(instrument => ReferenceEquals(instrument.Meter, own) ? KnownMetrics.Find(instrument.Name)?.MostSeries is { } most ? new MetricStreamConfiguration { CardinalityLimit = most } : null
                : ProcessMeters.Has(instrument.Meter.Name) ? new MetricStreamConfiguration { CardinalityLimit = ProcessMeters.MostSeries }
                : MetricStreamConfiguration.Drop);
        });
        return services;
    }
}
