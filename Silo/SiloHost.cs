using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Grains;
using Sluice.Grains.Alerts;
using Sluice.Grains.CallLog;
using Sluice.Grains.Catalog;
using Sluice.Grains.Metrics;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Sealing;
using Sluice.Grains.Usage;
using Sluice.Grains.Webhooks;
using Sluice.Revisions.Outbound;
using Sluice.Silo.Admin;
using Sluice.Silo.CallLog;
using Sluice.Silo.Clustering;
using Sluice.Silo.Clustering.Tls;
using Sluice.Silo.Sources;

namespace Sluice.Silo;

/// <summary>Puts a silo together: grains on SQLite, and the admin API on a port of its own.</summary>
public static class SiloHost
{
    /// <summary>A silo, not yet started. It ends when it is stopped, and listens to no signal by itself.</summary>
    /// <param name="options">Where it listens and keeps things.</param>
    /// <param name="logging">Where log lines go; null: nowhere.</param>
    /// <param name="traces">Which calls are traced; null: none.</param>
    /// <exception cref="SiloStartException">Settings are wrong, a port is taken, or the data folder is another cluster's.</exception>
    public static WebApplication Create(SiloOptions options, Action<ILoggingBuilder>? logging = null, TraceRule? traces = null)
    {
        if (options.Validate() is { Count: > 0 } errors)
        {
            throw new SiloStartException($"settings: {string.Join("; ", errors)}");
        }

        var (admin, cluster) = (IPAddress.Parse(options.ListenAdmin), IPAddress.Parse(options.ListenSilo));
        Ports.Check(
            new WantedPort(admin, options.Admin, "admin API", "--admin"),
            new WantedPort(cluster, options.SiloPort, "silo to silo", "--silo-port"),
            new WantedPort(cluster, options.GatewayPort, "edge to silo", "--gateway-port"));
        var credentials = ClusterBoundary.Credentials(options, ClusterRole.Silo);
        var folder = DataFolder.Share(options.Data, options.ClusterName);
        try
        {
            return Build(options, credentials, folder, logging, traces);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Where the admin API of a started silo is reached.</summary>
    public static Uri AdminAddress(WebApplication silo) =>
        new(silo.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    private static WebApplication Build(SiloOptions options, CertificateFiles? credentials, DataFolder folder, Action<ILoggingBuilder>? logging, TraceRule? traces)
    {
        // Nothing is read from the environment here: what the host was given in its options is all there is.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Sluice.Silo" });
        logging?.Invoke(builder.Logging);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(_ => folder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, OwnedLifetime>());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
            kestrel.Limits.MaxRequestHeaderCount = 64;
            AdminListener.Listen(kestrel, options);
        });
        builder.Host.UseOrleans(silo => Configure(silo, options, credentials));
        if (traces is not null)
        {
            builder.Services.AddSingleton(traces);
            builder.Host.UseOrleans(silo => silo.AddActivityPropagation());
        }

        builder.Services.Configure<SealingOptions>(sealing => (sealing.RootKey, sealing.RootKeyFile) = (options.RootKey, options.RootKeyPath));
        builder.Services.Configure<RetentionOptions>(retention => (retention.Last, retention.Days) = (options.Retention.Last, options.Retention.Days));
        builder.Services.Configure<UsageOptions>(usage => (usage.RecordDays, usage.SumDays, usage.Workspaces) = (options.Usage.RecordDays, options.Usage.SumDays, options.Usage.Workspaces));
        builder.Services.Configure<CallLogOptions>(calls => (calls.Days, calls.SearchMegabytes, calls.SearchThreads) = (options.CallLog.Days, options.CallLog.SearchMegabytes, options.CallLog.SearchThreads));
        builder.Services.Configure<WebhookOptions>(webhooks => (webhooks.OpenRanges, webhooks.FirstRetry) = (options.Webhooks.OpenRanges, options.Webhooks.FirstRetry));
        builder.Services.AddSingleton(Options.Create(options.Acme));
        builder.Services.AddSingleton(Options.Create(options.Mail));
        builder.Services.AddSingleton(Options.Create(options.Metrics));
        builder.Services.Configure<AlertOptions>(alerts => alerts.Every = options.Alerts.Every);
        var own = new OwnPorts();
        builder.Services.AddSingleton(own);
        builder.Services.AddSingleton<IRecordArchive>(_ => RecordArchive.Of(options));
        builder.Services.AddSingleton(_ => CallArchive.Of(options));
        builder.Services.AddSingleton<ICallArchive>(services => services.GetRequiredService<CallArchive>());
        builder.Services.AddSingleton<CallDatabase>();
        builder.Services.AddSingleton<CallSearch>();
        builder.Services.AddSingleton<CallAnalysis>();
        builder.Services.AddAdminApi();
        foreach (var source in options.Sources)
        {
            builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<SourceWatch>(services, source));
        }

        var app = builder.Build();

        // A factory's instance is disposed with the container only once it was asked for.
        _ = app.Services.GetRequiredService<DataFolder>();
        var ports = app.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        ClusterPlaces.AddCluster(own, options, ports.SiloListeningEndpoint?.Port ?? ports.SiloPort, ports.GatewayListeningEndpoint?.Port ?? ports.GatewayPort);
        ClusterPlaces.AddAdmin(own, options, options.Admin);
        if (options.Admin is 0)
        {
            // A free port is known once the server listens.
            app.Lifetime.ApplicationStarted.Register(() => ClusterPlaces.AddAdmin(own, options, AdminAddress(app).Port));
        }

        app.MapAdminApi();
        return app;
    }

    private static void Configure(ISiloBuilder silo, SiloOptions options, CertificateFiles? credentials) => silo
        .UseCluster(options, credentials)
        .AddStorage(options)
        .AddSluiceGrains()
        .TellVersion()
        .AddSluiceDashboard();

    /// <summary>Signals are the process's to hear: it stops the edge before the silo.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
