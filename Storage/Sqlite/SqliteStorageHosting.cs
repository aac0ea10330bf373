using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>Registers grain storage in a SQLite file.</summary>
public static class SqliteStorageHosting
{
    /// <summary>The name under which Orleans looks for the storage of stream subscriptions.</summary>
    public const string PubSubStore = "PubSubStore";

    /// <summary>Adds a storage under a name: <c>Default</c> for grains that name none, <c>PubSubStore</c> for stream subscriptions.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<SqliteStorageOptions>>? configure = null)
    {
        var services = builder.Services;
        var options = services.AddOptions<SqliteStorageOptions>(name);
        if (string.Equals(name, PubSubStore, StringComparison.Ordinal))
        {
            // Subscriptions are Orleans' own records, made for its own serializer.
            options.Configure<IServiceProvider>((o, provider) => o.GrainStorageSerializer = ActivatorUtilities.CreateInstance<OrleansGrainStorageSerializer>(provider));
        }

        configure?.Invoke(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SqliteFiles>();
        services.AddTransient<IConfigurationValidator>(provider => new SqliteStorageOptionsValidator(Named(provider, name), name));
        services.AddGrainStorage(name, (provider, key) => new SqliteGrainStorage(
            key,
            Named(provider, key),
            provider.GetRequiredService<SqliteFiles>(),
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            provider.GetRequiredService<IActivatorProvider>(),
            provider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    /// <summary>Adds <c>Default</c> and <c>PubSubStore</c> on one file.</summary>
    public static ISiloBuilder AddSqliteStorage(this ISiloBuilder builder, string path) => builder
        .AddSqliteGrainStorage("Default", options => options.Configure(o => o.Path = path))
        .AddSqliteGrainStorage(PubSubStore, options => options.Configure(o => o.Path = path));

    private static SqliteStorageOptions Named(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<SqliteStorageOptions>>().Get(name);
}
