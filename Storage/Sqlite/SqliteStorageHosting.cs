using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>Registers grain storage in a SQLite file.</summary>
public static class SqliteStorageHosting
{
    /// <summary>Adds a storage under a name: <c>Default</c> for grains that name none, <c>PubSubStore</c> for stream subscriptions.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<SqliteStorageOptions>>? configure = null)
    {
        builder.Services.TryAddSingleton<SqliteFiles>();
        return builder.AddNamedStorage(name, configure, static (options, key) => new SqliteStorageOptionsValidator(options, key), static (provider, key, options) => new SqliteGrainStorage(
            key,
            options,
            provider.GetRequiredService<SqliteFiles>(),
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            provider.GetRequiredService<IActivatorProvider>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Adds <c>Default</c> and <c>PubSubStore</c> on one file.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="path">The file.</param>
    /// <param name="serializer">How states of grains become bytes; null: every type in its first layout.</param>
    public static ISiloBuilder AddSqliteStorage(this ISiloBuilder builder, string path, IGrainStorageSerializer? serializer = null) => builder
        .AddSqliteGrainStorage(NamedStorage.Default, options => options.Configure(o => (o.Path, o.GrainStorageSerializer) = (path, serializer ?? JsonState.Serializer)))
        .AddSqliteGrainStorage(NamedStorage.PubSubStore, options => options.Configure(o => o.Path = path));
}
