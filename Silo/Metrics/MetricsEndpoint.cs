using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Sluice.Grains.Acme;
using Sluice.Grains.Alerts;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Metrics;
using Sluice.Grains.Webhooks;
using Sluice.Revisions.Alerts;
using Sluice.Silo.Admin;

namespace Sluice.Silo.Metrics;

/// <summary>The metrics of a silo, as Prometheus reads them: <c>/metrics</c> on the admin port, for viewers.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Adds the text: this silo's meter, and those of the process: .NET's own and Orleans'.</summary>
    public static IServiceCollection AddSiloMetrics(this IServiceCollection services)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("sluice-silo"))
            .WithMetrics(metrics => metrics.AddMeter(ReloadMeter.Name).AddMeter([.. ProcessMeters.Names]).AddPrometheusExporter(exporter =>
            {
                exporter.ScopeInfoEnabled = false;

                // What was answered before a scrape is in it: no text is kept from the scrape before.
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
            }));

        // Meters are found by name, whosever they are: another silo of this process has one of the same name.
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            // Instruments are there once they were asked for.
            _ = provider.GetRequiredService<WebhookMeter>();
            _ = provider.GetRequiredService<AlertMeter>();
            _ = provider.GetRequiredService<AcmeMeter>();
            _ = provider.GetRequiredService<AuthorMeter>();
            var own = provider.GetRequiredService<ReloadMeter>().Meter;
            metrics.AddView(instrument => ReferenceEquals(instrument.Meter, own) ? KnownMetrics.Find(instrument.Name)?.MostSeries is { } most ? new MetricStreamConfiguration { CardinalityLimit = most } : null
                : ProcessMeters.Has(instrument.Meter.Name) ? new MetricStreamConfiguration { CardinalityLimit = ProcessMeters.MostSeries }
                : MetricStreamConfiguration.Drop);
        });
        return services;
    }

    // It is no part of the API, whose document describes JSON.
    public static void Map(IEndpointRouteBuilder app) => app.MapPrometheusScrapingEndpoint(MetricsText.Path)
        .WithMetadata(new Declaration(AdminRole.Viewer, []), new ExcludeFromDescriptionAttribute());
}
