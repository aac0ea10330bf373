using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Access;
using Sluice.Edge.Bodies;
using Sluice.Edge.Caching;
using Sluice.Edge.Caching.Models;
using Sluice.Edge.Configuration;
using Sluice.Edge.Deferred;
using Sluice.Edge.Dialects.Sandbox;
using Sluice.Edge.Idempotency;
using Sluice.Edge.Identity;
using Sluice.Edge.Identity.Tokens;
using Sluice.Edge.KnownGood;
using Sluice.Edge.Kept;
using Sluice.Edge.Metering.Journal;
using Sluice.Edge.Memory;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Edge.Portal;
using Sluice.Edge.Prompts;
using Sluice.Edge.Realtime;
using Sluice.Edge.Targets;
using Sluice.Edge.Tls;
using Sluice.Edge.Tracing;
using Sluice.Edge.Tokens;
using Sluice.Edge.Upstreams;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Outbound;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge;

/// <summary>Puts an edge together: Kestrel, the pipeline, and what the edge knows of the cluster.</summary>
public static class EdgeHost
{
    private const long LargestPlainBody = 100L * 1024 * 1024;

    /// <summary>An edge that reaches grains through <paramref name="cluster"/>, which stays the caller's to connect and to end.</summary>
    /// <param name="options">Where it listens, and for which workspace.</param>
    /// <param name="cluster">The way to the grains.</param>
    /// <param name="logging">Where log lines go; none by default.</param>
    /// <param name="connection">Ends once <paramref name="cluster"/> is connected; null: it is.</param>
    /// <param name="knownGood">Where the revisions that it runs are kept, so that it can begin without a silo; null: nowhere.</param>
    /// <param name="journal">Where its journal is kept; null: nowhere.</param>
    /// <param name="own">The cluster's own ports, to which it adds its own and where no upstream may lead; null: it knows of no others.</param>
    /// <param name="traces">Which requests are traced; null: none.</param>
    public static WebApplication Create(
        EdgeOptions options,
        IClusterClient cluster,
        Action<ILoggingBuilder>? logging = null,
        SiloConnection? connection = null,
        KnownGoodPlace? knownGood = null,
        JournalPlace? journal = null,
        OwnPorts? own = null,
        TraceRule? traces = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "sluice-edge" });
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));

        // The thread that a socket woke goes on with the request (docs/performance.md): no handler here ever blocks.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        if (options.Http3)
        {
            QuicListening.UseOn(builder);
        }

        builder.Services.AddSingleton<ListenSockets>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<ListenSockets>());
        if (knownGood is not null)
        {
            builder.Services.AddSingleton(knownGood);
        }

        if (journal is not null)
        {
            builder.Services.AddSingleton(journal);
        }

        if (traces is not null)
        {
            builder.Services.AddSingleton(traces);
            builder.Services.AddSingleton<RequestTraces>();
        }

        if (connection is not null)
        {
            builder.Services.AddSingleton(connection);
        }

        var ports = own ?? new OwnPorts();
        builder.Services.AddSingleton(ports);
        AddServices(builder.Services, options, cluster, isTraced: traces is not null);
        var app = builder.Build();

        // Instruments are there once they were asked for.
        _ = app.Services.GetRequiredService<UsageInstruments>();
        _ = app.Services.GetRequiredService<TargetInstruments>();
        _ = app.Services.GetRequiredService<TlsMeter>();
        _ = app.Services.GetRequiredService<UpstreamInstruments>();
        _ = app.Services.GetRequiredService<MirrorInstruments>();
        _ = app.Services.GetRequiredService<CallLogInstruments>();
        _ = app.Services.GetRequiredService<CacheInstruments>();
        _ = app.Services.GetRequiredService<BodyInstruments>();
        _ = app.Services.GetRequiredService<MemoryInstruments>();
        var pipeline = app.Services.GetRequiredService<ClientPipeline>();
        var ops = app.Services.GetRequiredService<OpsEndpoints>();
        AddOps(ports, options.Ops);
        if (options.Ops is 0)
        {
            // A free port is known once the server listens.
            app.Lifetime.ApplicationStarted.Register(() => AddOps(ports, ops.Port));
        }

        var metrics = options.Metrics ? ((IApplicationBuilder)app).New().UseOpenTelemetryPrometheusScrapingEndpoint(OpsEndpoints.MetricsPath).Build() : null;
        app.Services.GetRequiredService<MetricsText>().Writer = metrics;
        app.Run(http => ops.IsOps(http) ? ops.ServeAsync(http, metrics) : pipeline.HandleAsync(http));
        return app;

        void AddOps(OwnPorts to, int port) => to.Add("an edge's port for operators", new IPEndPoint(IPAddress.Parse(options.ListenOps), port));
    }

    private static void AddServices(IServiceCollection services, EdgeOptions options, IClusterClient cluster, bool isTraced)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => cluster);
        services.TryAddSingleton(TimeProvider.System);
        services.AddEdgeState();
        services.AddEdgeMetrics(options.Metrics, isTraced);
        services.AddHttpForwarder();
        services.AddSingleton<Connections>();
        services.AddSingleton<TokenExchange>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<IssuerFetch>();
        services.AddSingleton<Issuers>();
        services.AddHostedService(provider => provider.GetRequiredService<Issuers>());
        services.AddSingleton<BearerTokens>();
        services.AddSingleton<ClientIdentities>();
        services.AddSingleton<SandboxProvider>();
        services.AddSingleton<ProviderEndpoints>();
        services.AddSingleton<Discoveries>();
        services.AddHostedService(provider => provider.GetRequiredService<Discoveries>());
        services.AddSingleton<UpstreamHealth>();
        services.AddHostedService(provider => provider.GetRequiredService<UpstreamHealth>());
        services.AddSingleton<AddressChoice>();
        services.AddSingleton<TlsMeter>();
        services.AddSingleton<TlsListening>();
        services.AddSingleton<RequestIds>();
        services.AddSingleton<OpsEndpoints>();
        services.AddSingleton(provider => new MemoryWatch(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MemoryWatch>>()));
        services.AddHostedService(provider => provider.GetRequiredService<MemoryWatch>());
        services.AddSingleton<MemoryInstruments>();
        services.AddSingleton<RevisionAdmission>();
        services.AddSingleton<TrustedProxies>();
        services.AddSingleton<Identification>();
        services.AddSingleton<RouteEntry>();
        services.AddSingleton<Deadlines>();
        services.AddSingleton(provider => new EdgeDrain(
            options, provider.GetRequiredService<ListenSockets>(), provider.GetRequiredService<IServer>(), provider.GetRequiredService<Deadlines>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<DirectForwarding>();
        services.AddSingleton<AnswerCompression>();
        services.AddSingleton<RouteCaching>();
        services.AddSingleton<CacheInstruments>();
        services.AddSingleton<HeldBodies>();
        services.AddSingleton<BodyInstruments>();
        services.AddSingleton<UpstreamInstruments>();
        services.AddSingleton<CallLogInstruments>();
        services.AddSingleton<UpstreamForwarding>();
        services.AddSingleton<GuardedForwarding>();
        services.AddSingleton<ModelForwarding>();
        services.AddSingleton<CountingTurns>();
        services.AddSingleton<IdempotentCalls>();
        services.AddSingleton<TargetInstruments>();
        services.AddSingleton<Trials>();
        services.AddSingleton<ModelPreparation>();
        services.AddSingleton<GenAiMeter>();
        services.AddSingleton<ModelAttempts>();
        services.AddSingleton<KeptGiving>();
        services.AddSingleton<ModelCaching>();
        services.AddSingleton<ModelCalls>();
        services.AddSingleton<ModelList>();
        services.AddSingleton<PromptOpenApi>();
        services.AddSingleton<FeedbackCalls>();
        services.AddSingleton<PortalCalls>();
        services.AddSingleton<RouteCalls>();
        services.AddSingleton<ProviderConnecting>();
        services.AddSingleton<RealtimeSessions>();
        services.AddSingleton<RealtimeCalls>();
        services.AddSingleton<WorkspaceKey>();
        services.AddSingleton<VisitorCookies>();
        services.AddSingleton<MirrorInstruments>();
        services.AddSingleton<SplitInstruments>();
        services.AddSingleton<Mirrors>();
        services.AddSingleton<KeptIds>();
        services.AddSingleton<KeptArrivals>();
        services.AddSingleton<KeptInputs>();
        services.AddSingleton<KeptTargets>();
        services.AddSingleton<KeptForwarding>();
        services.AddSingleton<KeptList>();
        services.AddSingleton<FileCalls>();
        services.AddSingleton<ResponseCalls>();
        services.AddSingleton<KeptProvider>();
        services.AddSingleton<DeferredWorks>();
        services.AddSingleton<BatchInput>();
        services.AddSingleton<BatchLook>();
        services.AddSingleton<ResponseLook>();
        services.AddSingleton<BackgroundHolds>();
        services.AddSingleton<DeferredWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<DeferredWatch>());
        services.AddSingleton<BatchCreation>();
        services.AddSingleton<BatchCalls>();
        services.AddSingleton<AuthorityChallenges>();
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
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.InitialStreamWindowSize = 768 * 1024;
        limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        limits.Http2.MaxRequestHeaderFieldSize = 32 * 1024;
        limits.Http3.MaxRequestHeaderFieldSize = 32 * 1024;

        // A connection over HTTP/2 whose client is gone, with streams that neither side writes to, is found out.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(IPAddress.Parse(options.Listen), options.Http, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            ConnectionKey.KeepOn(listen);
        });
        if (options.HttpsPort is not 0 and var https)
        {
            kestrel.Listen(IPAddress.Parse(options.Listen), https, listen =>
            {
                listen.ApplicationServices.GetRequiredService<TlsListening>().UseOn(listen);
                ConnectionKey.KeepOn(listen);
            });
        }

        if (options.Http2 != 0)
        {
            kestrel.Listen(IPAddress.Parse(options.Listen), options.Http2, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                ConnectionKey.KeepOn(listen);
            });
        }

        kestrel.Listen(IPAddress.Parse(options.ListenOps), options.Ops, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
