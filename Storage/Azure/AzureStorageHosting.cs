using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Sluice.Storage.Azure;

/// <summary>Registers grain storage in Azure Storage.</summary>
public static class AzureStorageHosting
{
    /// <summary>Adds a storage under a name: <c>Default</c> for grains that name none, <c>PubSubStore</c> for stream subscriptions.</summary>
    public static ISiloBuilder AddAzureGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureGrainStorageOptions>>? configure = null)
    {
        return builder.AddNamedStorage(name, configure, static (options, key) => new AzureGrainStorageOptionsValidator(options, key), static (provider, key, options) => new AzureGrainStorage(
            key,
            options,
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            provider.GetRequiredService<IActivatorProvider>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Adds <c>Default</c> and <c>PubSubStore</c> in one account.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="account">The account.</param>
    /// <param name="serializer">How states of grains become bytes; null: every type in its first layout.</param>
    public static ISiloBuilder AddAzureStorage(this ISiloBuilder builder, AzureAccount account, IGrainStorageSerializer? serializer = null) => builder
        .AddAzureGrainStorage(NamedStorage.Default, options => options.Configure(o => (o.Account, o.GrainStorageSerializer) = (account, serializer ?? JsonState.Serializer)))
        .AddAzureGrainStorage(NamedStorage.PubSubStore, options => options.Configure(o => o.Account = account));
}
