using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.Sandbox;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge;

/// <summary>Puts an edge together: Kestrel, the pipeline, and what the edge knows of the cluster.</summary>
public static class EdgeHost
{
    private const long LargestPlainBody = 100L * 1024 * 1024;

    /// <summary>An edge that reaches grains through <paramref name="cluster"/>, which is connected and stays the caller's to end.</summary>
    /// <param name="options">Where it listens, and for which workspace.</param>
    /// <param name="cluster">The way to the grains.</param>
    /// <param name="logging">Where log lines go; none by default.</param>
    public static WebApplication Create(EdgeOptions options, IClusterClient cluster, Action<ILoggingBuilder>? logging = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "sluice-edge" });
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));

        // The thread that a socket woke goes on with the request (docs/performance.md): no handler here ever blocks.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        AddServices(builder.Services, options, cluster);
        var app = builder.Build();
        var pipeline = app.Services.GetRequiredService<ClientPipeline>();
        app.Run(pipeline.HandleAsync);
        return app;
    }

    private static void AddServices(IServiceCollection services, EdgeOptions options, IClusterClient cluster)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => cluster);
        services.TryAddSingleton(TimeProvider.System);
        services.AddEdgeState();
        services.AddHttpForwarder();
        services.AddSingleton<Connections>();
        services.AddSingleton<SandboxProvider>();
        services.AddSingleton<ProviderEndpoints>();
        services.AddSingleton<UpstreamHealth>();
        services.AddHostedService(provider => provider.GetRequiredService<UpstreamHealth>());
        services.AddSingleton<AddressChoice>();
        services.AddSingleton<RequestIds>();
        services.AddSingleton<OpsEndpoints>();
        services.AddSingleton<RevisionAdmission>();
        services.AddSingleton<Identification>();
        services.AddSingleton<Deadlines>();
        services.AddSingleton(provider => new EdgeDrain(
            options, provider.GetRequiredService<IServer>(), provider.GetRequiredService<Deadlines>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DirectForwarding>();
        services.AddSingleton<ModelForwarding>();
        services.AddSingleton<ModelCalls>();
        services.AddSingleton<ModelList>();
        services.AddSingleton<RouteCalls>();
        services.AddSingleton<ClientPipeline>();
    }

    private static void Listen(KestrelServerOptions kestrel, EdgeOptions options)
    {
        kestrel.AddServerHeader = false;

        // Bytes of headers pass as they are, whatever they are meant to encode.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        var limits = kestrel.Limits;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestBodySize = LargestPlainBody;
        limits.MaxConcurrentConnections = 20_000;
        kestrel.Listen(IPAddress.Parse(options.Listen), options.Http, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.Listen(IPAddress.Parse(options.ListenOps), options.Ops, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
