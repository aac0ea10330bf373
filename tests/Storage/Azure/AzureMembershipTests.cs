using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Sluice.Storage.Azure;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Azure;

/// <summary>The official membership table on Azurite, registered as Sluice does it.</summary>
public sealed class AzureMembershipTests(Azurite azurite) : MembershipTableContract, IClassFixture<Azurite>
{
    protected override async Task<IMembershipTable> OpenTableAsync(string clusterId)
    {
        azurite.Require();
        var silo = new HostApplicationBuilder();
        silo.UseOrleans(builder => builder
            .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (clusterId, clusterId))
            .UseAzureStorageClustering(o => o.TableServiceClient = AzureAccount.Parse(azurite.ConnectionString()).Tables(new TableClientOptions())));
        var table = silo.Build().Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return table;
    }

    protected override async Task<IGatewayListProvider> OpenGatewaysAsync(string clusterId)
    {
        azurite.Require();
        var client = new HostApplicationBuilder();
        client.UseOrleansClient(builder => builder
            .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (clusterId, clusterId))
            .UseAzureStorageClustering(o => o.TableServiceClient = AzureAccount.Parse(azurite.ConnectionString()).Tables(new TableClientOptions())));
        var gateways = client.Build().Services.GetRequiredService<IGatewayListProvider>();
        await gateways.InitializeGatewayListProviderAsync();
        return gateways;
    }
}
