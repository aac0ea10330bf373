using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Sluice.Storage;
using Sluice.Storage.Azure;

namespace Sluice.Silo.Clustering;

/// <summary>State and membership in an Azure Storage account, from the settings <c>Storage</c> and <c>Cluster</c>. Silos and edges of one account and name find each other.</summary>
public static class AzureCluster
{
    /// <summary>The setting <c>Cluster</c> that means this.</summary>
    public const string Setting = "azure";

    /// <summary>The silo joins the silos of the account.</summary>
    public static ISiloBuilder UseAzureMembership(this ISiloBuilder silo, AzureAccount account) =>
        silo.UseAzureStorageClustering(table => table.TableServiceClient = account.Tables(new TableClientOptions()));

    /// <summary>The client finds the gateways of the account's silos.</summary>
    public static IClientBuilder UseAzureMembership(this IClientBuilder client, AzureAccount account) =>
        client.UseAzureStorageClustering(table => table.TableServiceClient = account.Tables(new TableClientOptions()));

    /// <summary>Grain state rests in the account: in our rows and blobs, or by Orleans' own blob provider.</summary>
    public static ISiloBuilder AddAzureState(this ISiloBuilder silo, AzureAccount account, bool officialBlobs) => officialBlobs
        ? silo
            .AddAzureBlobGrainStorage(NamedStorage.Default, options => UseBlobs(options, account))
            .AddAzureBlobGrainStorage(NamedStorage.PubSubStore, (OptionsBuilder<AzureBlobStorageOptions> options) => options
                .Configure(o =>
                {
                    UseBlobs(o, account);
                    o.ContainerName = "pubsubstate";
                })
                .UseOrleansSerializer())
        : silo.AddAzureStorage(account, StateSerializer.Current);

    private static void UseBlobs(AzureBlobStorageOptions options, AzureAccount account)
    {
        options.BlobServiceClient = account.Blobs(new BlobClientOptions());
        options.GrainStorageSerializer = StateSerializer.Current;
    }
}
