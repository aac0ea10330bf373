using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Silo.Console.Hosting;
using Sluice.Silo.Metrics;
using Sluice.Silo.Oidc;

namespace Sluice.Silo.Admin;

/// <summary>The admin API: one file a subject, listed here.</summary>
public static class AdminApi
{
    /// <summary>The workspace that the API speaks of.</summary>
    internal const string Workspace = GrainKeys.DefaultWorkspace;

    /// <summary>Adds what the API needs; the host adds Orleans.</summary>
    public static IServiceCollection AddAdminApi(this IServiceCollection services)
    {
        services.AddRouting();
        services.ConfigureHttpJsonOptions(json => AdminJson.Apply(json.SerializerOptions));
        services.AddSingleton<SiloReadiness>();
        services.AddSingleton<ChangePoke>();
        services.AddSingleton<ActiveSettings>();
        services.AddSingleton<WhatIfRevisions>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangePoke>());
        services.AddSiloMetrics();
        services.AddSingleton<MetricsText>();
        services.AddHostedService<ReadingsReport>();
        services.AddSingleton(provider => provider.GetRequiredService<SiloOptions>().Oidc);
        services.AddSingleton<OidcProvider>();
        services.AddSingleton<OperatorTokens>();
        services.AddConsole();
        return services.AddAdminOpenApi();
    }

    /// <summary>Maps every endpoint behind the gate.</summary>
    public static void MapAdminApi(this WebApplication app)
    {
        app.Services.GetRequiredService<MetricsText>().Writer = ((IApplicationBuilder)app).New().UseOpenTelemetryPrometheusScrapingEndpoint(MetricsText.Path).Build();
        app.MapConsole();
        app.UseRouting();
        if (app.Services.GetService<TraceRule>() is not null)
        {
            app.UseMiddleware<AdminTraces>();
        }

        app.UseMiddleware<AdminGate>();
        var api = app.MapGroup("/api/v1");
        ApplyEndpoints.Map(api);
        ResourceEndpoints.Map(api);
        RevisionEndpoints.Map(api);
        EffectEndpoints.Map(api);
        ReloadEndpoints.Map(api);
        RolloutEndpoints.Map(api);
        CanaryEndpoints.Map(api);
        ExplainEndpoints.Map(api);
        RerateEndpoints.Map(api);
        ReplayEndpoints.Map(api);
        PinEndpoints.Map(api);
        AuditEndpoints.Map(api);
        SiloEndpoints.Map(api);
        SourceEndpoints.Map(api);
        EdgeEndpoints.Map(api);
        EventEndpoints.Map(api);
        SettingsEndpoints.Map(api);
        TenantEndpoints.Map(api);
        KeyEndpoints.Map(api);
        SubscriptionEndpoints.Map(api);
        UsageEndpoints.Map(api);
        AttemptEndpoints.Map(api);
        CallEndpoints.Map(api);
        CallBodyEndpoints.Map(api);
        CallHoldEndpoints.Map(api);
        AnalysisEndpoints.Map(api);
        ForecastEndpoints.Map(api);
        PromptResultsEndpoints.Map(api);
        ModelResultsEndpoints.Map(api);
        BudgetCheckEndpoints.Map(api);
        PolicyStatusEndpoints.Map(api);
        BudgetEndpoints.Map(api);
        TenantBudgetEndpoints.Map(api);
        WebhookEndpoints.Map(api);
        AlertEndpoints.Map(api);
        CacheEndpoints.Map(api);
        CertificateEndpoints.Map(api);
        CatalogueEndpoints.Map(api);
        AdminKeyEndpoints.Map(api);
        ResourceEndpoints.MapUnknown(api, ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToArray());
        AdminOpenApi.Map(app);
        SpringConfig.Map(app);
        HealthEndpoints.Map(app);
        MetricsEndpoint.Map(app);
        Dashboard.Map(app);
    }
}
