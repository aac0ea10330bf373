using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>Registers cluster membership in a SQLite file, for silos and clients that are processes of one machine.</summary>
public static class SqliteClusteringHosting
{
    /// <summary>Silos of one cluster id that name the same file make one cluster.</summary>
    public static ISiloBuilder UseSqliteClustering(this ISiloBuilder builder, Action<SqliteClusteringOptions> configure)
    {
        AddOptions(builder.Services, configure);
        builder.Services.TryAddSingleton<SqliteFiles>();
        builder.Services.AddSingleton<IMembershipTable, SqliteMembershipTable>();
        builder.Services.AddSingleton<IGatewayListProvider, SqliteGatewayList>();
        return builder;
    }

    /// <summary>The client finds the gateways of the cluster in the file.</summary>
    public static IClientBuilder UseSqliteClustering(this IClientBuilder builder, Action<SqliteClusteringOptions> configure)
    {
        AddOptions(builder.Services, configure);
        builder.Services.AddSingleton<IGatewayListProvider, SqliteGatewayList>();
        return builder;
    }

    private static void AddOptions(IServiceCollection services, Action<SqliteClusteringOptions> configure)
    {
        services.AddOptions<SqliteClusteringOptions>().Configure(configure);
        services.AddTransient<IConfigurationValidator, SqliteClusteringOptionsValidator>();
    }
}
