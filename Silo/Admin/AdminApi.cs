using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Grains.Interfaces;

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
        services.AddHostedService(provider => provider.GetRequiredService<ChangePoke>());
        return services.AddAdminOpenApi();
    }

    /// <summary>Maps every endpoint behind the gate.</summary>
    public static void MapAdminApi(this WebApplication app)
    {
        app.UseRouting();
        app.UseMiddleware<AdminGate>();
        var api = app.MapGroup("/api/v1");
        ApplyEndpoints.Map(api);
        ResourceEndpoints.Map(api);
        RevisionEndpoints.Map(api);
        AuditEndpoints.Map(api);
        SiloEndpoints.Map(api);
        EdgeEndpoints.Map(api);
        EventEndpoints.Map(api);
        TenantEndpoints.Map(api);
        KeyEndpoints.Map(api);
        UsageEndpoints.Map(api);
        PolicyStatusEndpoints.Map(api);
        AdminKeyEndpoints.Map(api);
        ResourceEndpoints.MapUnknown(api, ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToArray());
        AdminOpenApi.Map(app);
        HealthEndpoints.Map(app);
        Dashboard.Map(app);
    }
}
