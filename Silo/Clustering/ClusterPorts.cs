using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Silo.Clustering.Origin;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Silo.Clustering;

/// <summary>The silo and gateway ports: where they listen, and who may speak on them.</summary>
public static class ClusterPorts
{
    /// <summary>Sets up a silo's ports.</summary>
    /// <param name="credentials">Null: without TLS.</param>
    public static ISiloBuilder UseClusterPorts(this ISiloBuilder silo, SiloOptions options, CertificateFiles? credentials)
    {
        var listen = IPAddress.Parse(options.ListenSilo);
        var told = options.Advertise is { } address ? IPAddress.Parse(address) : listen;
        var siloPort = options.SiloPort is 0 ? Ports.Free() : options.SiloPort;
        var gatewayPort = options.GatewayPort is 0 ? Ports.Free() : options.GatewayPort;
        silo.Configure<EndpointOptions>(ports =>
        {
            ports.AdvertisedIPAddress = told;
            (ports.SiloPort, ports.GatewayPort) = (options.AdvertiseSiloPort ?? siloPort, options.AdvertiseGatewayPort ?? gatewayPort);
            ports.SiloListeningEndpoint = new IPEndPoint(listen, siloPort);
            ports.GatewayListeningEndpoint = new IPEndPoint(listen, gatewayPort);
        });
        silo.AddIncomingGrainCallFilter<EdgeCallFilter>();
        if (credentials is not null)
        {
            ClusterTls.UseOn(silo, credentials, options.ClusterName);
        }

        GatewayGuard.UseOn(silo);
        return silo;
    }

    /// <summary>Sets up an edge's connections to silos.</summary>
    /// <param name="credentials">Null: without TLS.</param>
    public static IClientBuilder UseClusterConnections(this IClientBuilder client, SiloOptions options, CertificateFiles? credentials)
    {
        if (credentials is not null)
        {
            ClusterTls.UseOn(client, credentials, options.ClusterName);
        }

        return client;
    }
}
