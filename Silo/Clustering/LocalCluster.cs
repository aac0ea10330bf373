using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Storage.Sqlite.Clustering;

namespace Sluice.Silo.Clustering;

/// <summary>
/// <c>SLUICE__CLUSTER=local</c>: the silos of one data folder are one cluster; they and their edges find each other in its database file. One machine
/// only: the file and the locks beside it are no use over a network.
/// </summary>
public static class LocalCluster
{
    /// <summary>The silo listens on loopback and joins the silos of its data folder.</summary>
    public static ISiloBuilder UseLocalCluster(this ISiloBuilder silo, SiloOptions options) => silo
        .Configure<ClusterOptions>(cluster => Name(cluster, options))
        .ConfigureEndpoints(
            IPAddress.Loopback,
            options.SiloPort is 0 ? Ports.Free() : options.SiloPort,
            options.GatewayPort is 0 ? Ports.Free() : options.GatewayPort)
        .UseSqliteClustering(table =>
        {
            table.Path = Database(options);
            table.SiloLocks = Path.Combine(Path.GetFullPath(options.Data), "silos");
        })
        .UseLivenessSettings();

    /// <summary>The client finds the gateways of the data folder's silos.</summary>
    public static IClientBuilder UseLocalCluster(this IClientBuilder client, SiloOptions options) => client
        .Configure<ClusterOptions>(cluster => Name(cluster, options))
        .UseSqliteClustering(table => table.Path = Database(options))
        .UseLivenessSettings();

    /// <summary>The client knows one gateway of this machine, and no other.</summary>
    public static IClientBuilder UseOneGateway(this IClientBuilder client, SiloOptions options) => client
        .Configure<ClusterOptions>(cluster => Name(cluster, options))
        .UseStaticClustering(new IPEndPoint(IPAddress.Loopback, options.GatewayPort))
        .UseLivenessSettings();

    /// <summary>The database file of a cluster on this machine.</summary>
    public static string Database(SiloOptions options) => StorageLocation.Parse(options.Storage, options.Data).Path!;

    private static void Name(ClusterOptions cluster, SiloOptions options) => cluster.ServiceId = cluster.ClusterId = options.ClusterName;
}
