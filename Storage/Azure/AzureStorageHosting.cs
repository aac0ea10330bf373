using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;

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
    public static ISiloBuilder AddAzureStorage(this ISiloBuilder builder, AzureAccount account) => builder
        .AddAzureGrainStorage(NamedStorage.Default, options => options.Configure(o => o.Account = account))
        .AddAzureGrainStorage(NamedStorage.PubSubStore, options => options.Configure(o => o.Account = account));
}
