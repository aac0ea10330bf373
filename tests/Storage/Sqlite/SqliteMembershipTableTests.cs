using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Sluice.Storage.Sqlite.Clustering;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Sqlite;

/// <summary>The table in a SQLite file, opened as a silo's host opens it.</summary>
public sealed class SqliteMembershipTableTests : MembershipTableContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-membership-").FullName;
    private readonly List<IHost> _hosts = [];

    protected override async Task<IMembershipTable> OpenTableAsync(string clusterId)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = clusterId)
            .UseSqliteClustering(table => table.Path = Path.Combine(_folder, "sluice.db")));
        var table = Keep(builder.Build()).Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return table;
    }

    protected override async Task<IGatewayListProvider> OpenGatewaysAsync(string clusterId)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = clusterId)
            .UseSqliteClustering(table => table.Path = Path.Combine(_folder, "sluice.db")));
        var gateways = Keep(builder.Build()).Services.GetRequiredService<IGatewayListProvider>();
        await gateways.InitializeGatewayListProviderAsync();
        return gateways;
    }

    public void Dispose()
    {
        _hosts.ForEach(h => h.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private IHost Keep(IHost host)
    {
        lock (_hosts)
        {
            _hosts.Add(host);
        }

        return host;
    }
}
