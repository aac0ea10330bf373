using System.Net;
using Sluice.Revisions.Outbound;

namespace Sluice.Silo.Clustering;

/// <summary>Tells where a cluster listens for its own, so that nothing that was declared is connected to there (docs/security.md, "Addresses that are called").</summary>
public static class ClusterPlaces
{
    private const string SiloPort = "the port between silos";
    private const string Gateway = "a gateway";
    private const string AdminApi = "the admin API";

    /// <summary>What an edge's settings tell: the ports of a silo on the same machine, which is set up alike, and the gateways that it knows.</summary>
    public static OwnPorts Of(SiloOptions options)
    {
        var own = new OwnPorts();
        AddCluster(own, options, options.SiloPort, options.GatewayPort);
        AddAdmin(own, options, options.Admin);
        if (options.Gateways is not null)
        {
            foreach (var gateway in ClusterBoundary.Gateways(options))
            {
                own.Add(Gateway, gateway);
            }
        }

        return own;
    }

    /// <summary>Adds a silo's ports for the cluster: where it listens, and where it is reached.</summary>
    /// <param name="siloPort">Between silos; 0: not known.</param>
    /// <param name="gatewayPort">For edges; 0: not known.</param>
    internal static void AddCluster(OwnPorts own, SiloOptions options, int siloPort, int gatewayPort)
    {
        var listen = IPAddress.Parse(options.ListenSilo);
        var told = options.Advertise is { } address ? IPAddress.Parse(address) : listen;
        own.Add(SiloPort, new IPEndPoint(listen, siloPort));
        own.Add(Gateway, new IPEndPoint(listen, gatewayPort));
        own.Add(SiloPort, new IPEndPoint(told, options.AdvertiseSiloPort ?? siloPort));
        own.Add(Gateway, new IPEndPoint(told, options.AdvertiseGatewayPort ?? gatewayPort));
    }

    /// <summary>Adds the port of a silo's admin API.</summary>
    /// <param name="port">0: not known.</param>
    internal static void AddAdmin(OwnPorts own, SiloOptions options, int port) => own.Add(AdminApi, new IPEndPoint(IPAddress.Parse(options.ListenAdmin), port));
}
