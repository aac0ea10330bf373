using Orleans.Hosting;
using Sluice.Storage.Sqlite.Clustering;

namespace Sluice.Silo.Clustering;

/// <summary>
/// <c>SLUICE__CLUSTER=local</c>: the silos of one data folder are one cluster; they and their edges find each other in its database file. One machine
/// only: the file and the locks beside it are no use over a network.
/// </summary>
public static class LocalCluster
{
    /// <summary>The setting <c>Cluster</c> that means this.</summary>
    public const string Setting = "local";

    /// <summary>The silo joins the silos of its data folder.</summary>
    public static ISiloBuilder UseLocalMembership(this ISiloBuilder silo, SiloOptions options) => silo.UseSqliteClustering(table =>
    {
        table.Path = Database(options);
        table.SiloLocks = Path.Combine(Path.GetFullPath(options.Data), "silos");
    });

    /// <summary>The client finds the gateways of the data folder's silos.</summary>
    public static IClientBuilder UseLocalMembership(this IClientBuilder client, SiloOptions options) =>
        client.UseSqliteClustering(table => table.Path = Database(options));

    /// <summary>The database file in which they find each other: that of the state, or where state rests elsewhere one of its own in the data folder.</summary>
    public static string Database(SiloOptions options) =>
        (StorageLocation.Parse(options.Storage, options.Data).Path ?? StorageLocation.Parse(null, options.Data).Path)!;
}
