using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Sluice.Storage.Azure;

/// <summary>Registers grain storage in Azure Storage.</summary>
public static class AzureStorageHosting
{
    /// <summary>The name under which Orleans looks for the storage of stream subscriptions.</summary>
    public const string PubSubStore = "PubSubStore";

    /// <summary>Adds a storage under a name: <c>Default</c> for grains that name none, <c>PubSubStore</c> for stream subscriptions.</summary>
    public static ISiloBuilder AddAzureGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureGrainStorageOptions>>? configure = null)
    {
        var services = builder.Services;
        var options = services.AddOptions<AzureGrainStorageOptions>(name);
        if (string.Equals(name, PubSubStore, StringComparison.Ordinal))
        {
            // Subscriptions are Orleans' own records, made for its own serializer.
            options.Configure<IServiceProvider>((o, provider) => o.GrainStorageSerializer = ActivatorUtilities.CreateInstance<OrleansGrainStorageSerializer>(provider));
        }

        configure?.Invoke(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddTransient<IConfigurationValidator>(provider => new AzureGrainStorageOptionsValidator(Named(provider, name), name));
        services.AddGrainStorage(name, (provider, key) => new AzureGrainStorage(
            key,
            Named(provider, key),
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            provider.GetRequiredService<IActivatorProvider>(),
            provider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    /// <summary>Adds <c>Default</c> and <c>PubSubStore</c> in one account.</summary>
    public static ISiloBuilder AddAzureStorage(this ISiloBuilder builder, AzureAccount account) => builder
        .AddAzureGrainStorage("Default", options => options.Configure(o => o.Account = account))
        .AddAzureGrainStorage(PubSubStore, options => options.Configure(o => o.Account = account));

    private static AzureGrainStorageOptions Named(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<AzureGrainStorageOptions>>().Get(name);
}
