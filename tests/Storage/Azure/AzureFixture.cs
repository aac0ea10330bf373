using Azure.Storage.Blobs;
using Orleans.Hosting;
using Orleans.Storage;
using Sluice.Storage;
using Sluice.Storage.Azure;

namespace Sluice.Tests.Storage.Azure;

/// <summary>One Azurite, and a silo with every storage that is tested on it.</summary>
public sealed class AzureFixture : IAsyncLifetime
{
    private AzureSilo? _silo;

    public Azurite Azurite { get; } = new();

    /// <summary>The storage of that name: <c>Default</c>, <c>PubSubStore</c>, <c>single</c> without group commit, <c>official</c> of Microsoft's blob provider.</summary>
    public IGrainStorage Storage(string name)
    {
        Azurite.Require();
        return _silo!.Storage(name);
    }

    public async ValueTask InitializeAsync()
    {
        await Azurite.InitializeAsync();
        if (Azurite.Missing is null)
        {
            var account = AzureAccount.Parse(Azurite.ConnectionString());
            _silo = await AzureSilo.StartAsync(silo => silo
                .AddAzureStorage(account)
                .AddAzureGrainStorage("single", options => options.Configure(o => (o.Account, o.TableName, o.MaxBatch) = (account, "Single", 1)))
                .AddAzureBlobGrainStorage("official", options => options.Configure(o =>
                {
                    o.BlobServiceClient = account.Blobs(new BlobClientOptions());
                    o.GrainStorageSerializer = JsonState.Serializer;
                })));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is { } silo)
        {
            await silo.DisposeAsync();
        }

        await Azurite.DisposeAsync();
    }
}
