using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Silo.Clustering.Tls;
using Sluice.Storage.Azure;
using Sluice.Storage.Sqlite;

namespace Sluice.Silo.Clustering;

/// <summary>Puts a process into its cluster: the name, the ports and who may speak on them, where silos and edges find each other, how fast they notice that one is gone.</summary>
public static class ClusterMembership
{
    /// <summary>The silo joins the silos of its data folder, or of its storage account.</summary>
    /// <param name="credentials">Null: without TLS.</param>
    public static ISiloBuilder UseCluster(this ISiloBuilder silo, SiloOptions options, CertificateFiles? credentials)
    {
        silo.Configure<ClusterOptions>(cluster => Name(cluster, options)).UseClusterPorts(options, credentials).UseLivenessSettings();
        KnownTypes.UseOn(silo.Services);
        return Account(options) is { } account ? silo.UseAzureMembership(account) : silo.UseLocalMembership(options);
    }

    /// <summary>The client finds the gateways of its cluster.</summary>
    /// <param name="credentials">Null: without TLS.</param>
    /// <param name="gatewaysAreNamed">The client knows the gateways of the settings, and no other.</param>
    public static IClientBuilder UseCluster(this IClientBuilder client, SiloOptions options, CertificateFiles? credentials, bool gatewaysAreNamed)
    {
        client.Configure<ClusterOptions>(cluster => Name(cluster, options)).UseClusterConnections(options, credentials).UseLivenessSettings();
        KnownTypes.UseOn(client.Services);
        return gatewaysAreNamed ? client.UseStaticClustering(ClusterBoundary.Gateways(options))
            : Account(options) is { } account ? client.UseAzureMembership(account)
            : client.UseLocalMembership(options);
    }

    /// <summary>Grain state rests where the settings say.</summary>
    public static ISiloBuilder AddStorage(this ISiloBuilder silo, SiloOptions options)
    {
        var storage = StorageLocation.Parse(options.Storage, options.Data);
        return storage.Azure is { } account ? silo.AddAzureState(account, storage.OfficialBlobs) : silo.AddSqliteStorage(storage.Path!, StateSerializer.Current);
    }

    /// <summary>Where a client looks for silos, for people; without what a connection string holds.</summary>
    public static string Describe(SiloOptions options, bool gatewaysAreNamed) =>
        gatewaysAreNamed ? $"at {string.Join(", ", ClusterBoundary.Gateways(options).Select(g => g.ToString()))}"
        : Account(options) is { } account ? $"of {account}"
        : $"of {LocalCluster.Database(options)}";

    private static AzureAccount? Account(SiloOptions options) =>
        options.Cluster is AzureCluster.Setting ? StorageLocation.Parse(options.Storage, options.Data).Azure : null;

    private static void Name(ClusterOptions cluster, SiloOptions options) => cluster.ServiceId = cluster.ClusterId = options.ClusterName;
}
