using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Sluice.Storage;

/// <summary>How a grain storage is registered under a name, whatever it is made of.</summary>
public static class NamedStorage
{
    /// <summary>The name of the storage of grains that name none.</summary>
    public const string Default = "Default";

    /// <summary>The name under which Orleans looks for the storage of stream subscriptions.</summary>
    public const string PubSubStore = "PubSubStore";

    /// <summary>Subscriptions are Orleans' own records, made for its own serializer.</summary>
    public static OptionsBuilder<TOptions> UseOrleansSerializer<TOptions>(this OptionsBuilder<TOptions> options)
        where TOptions : class, IStorageProviderSerializerOptions =>
        options.Configure<IServiceProvider>((o, provider) => o.GrainStorageSerializer = ActivatorUtilities.CreateInstance<OrleansGrainStorageSerializer>(provider));

    /// <summary>Registers a storage, its options and what validates them at the silo's start; Orleans opens and closes it by its type's lifecycle.</summary>
    internal static ISiloBuilder AddNamedStorage<TStorage, TOptions>(
        this ISiloBuilder builder,
        string name,
        Action<OptionsBuilder<TOptions>>? configure,
        Func<TOptions, string, IConfigurationValidator> validate,
        Func<IServiceProvider, string, TOptions, TStorage> create)
        where TStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
        where TOptions : class, IStorageProviderSerializerOptions
    {
        var services = builder.Services;
        var options = services.AddOptions<TOptions>(name);
        if (string.Equals(name, PubSubStore, StringComparison.Ordinal))
        {
            options.UseOrleansSerializer();
        }

        configure?.Invoke(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddTransient(provider => validate(Named(provider, name), name));
        services.AddGrainStorage(name, (provider, key) => create(provider, key, Named(provider, key)));
        return builder;

        static TOptions Named(IServiceProvider provider, string name) => provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);
    }
}
