using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Silo.Clustering;

/// <summary>The silo and gateway ports: where they listen, who may speak on them, and how much at once.</summary>
public static class ClusterPorts
{
    /// <summary>The greatest header of a message between processes, in bytes.</summary>
    public const int MaxHeaderBytes = 1024 * 1024;

    /// <summary>The greatest body of a message between processes, in bytes.</summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;

    /// <summary>Sets up a silo's ports.</summary>
    /// <param name="credentials">Null: without TLS.</param>
    public static ISiloBuilder UseClusterPorts(this ISiloBuilder silo, SiloOptions options, CertificateFiles? credentials)
    {
        var listen = IPAddress.Parse(options.ListenSilo);
        var told = options.Advertise is { } address ? IPAddress.Parse(address) : listen;
        var siloPort = options.SiloPort is 0 ? Ports.Free() : options.SiloPort;
        var gatewayPort = options.GatewayPort is 0 ? Ports.Free() : options.GatewayPort;
        silo.UseLocalhostClustering(siloPort, gatewayPort, new IPEndPoint(told, siloPort), options.ClusterName, options.ClusterName);
        silo.Configure<EndpointOptions>(ports =>
        {
            ports.AdvertisedIPAddress = told;
            ports.SiloListeningEndpoint = new IPEndPoint(listen, siloPort);
            ports.GatewayListeningEndpoint = new IPEndPoint(listen, gatewayPort);
        });
        silo.Configure<SiloMessagingOptions>(Bound);
        silo.AddIncomingGrainCallFilter<EdgeCallFilter>();
        if (credentials is not null)
        {
            ClusterTls.UseOn(silo, credentials, options.ClusterName);
        }

        return silo;
    }

    /// <summary>Sets up an edge's connections to silos.</summary>
    /// <param name="credentials">Null: without TLS.</param>
    public static IClientBuilder UseClusterGateways(this IClientBuilder client, SiloOptions options, CertificateFiles? credentials)
    {
        client.UseStaticClustering(ClusterBoundary.Gateways(options));
        client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterName, options.ClusterName));
        client.Configure<ClientMessagingOptions>(Bound);
        if (credentials is not null)
        {
            ClusterTls.UseOn(client, credentials, options.ClusterName);
        }

        return client;
    }

    private static void Bound(MessagingOptions messages) =>
        (messages.MaxMessageHeaderSize, messages.MaxMessageBodySize) = (MaxHeaderBytes, MaxBodyBytes);
}
