using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>Registers the storage with a silo.</summary>
public static class SqliteStorageHosting
{
    /// <summary>Storage for states of records of ours, kept as JSON that people can read.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, Action<SqliteStorageOptions> configure) =>
        Add(builder, name, configure, _ => new JsonStateSerializer());

    /// <summary>Storage for states of Orleans itself (stream subscriptions), kept in Orleans' own format.</summary>
    public static ISiloBuilder AddSqliteOrleansStorage(this ISiloBuilder builder, string name, Action<SqliteStorageOptions> configure) =>
        Add(builder, name, configure, services => new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()));

    private static ISiloBuilder Add(ISiloBuilder builder, string name, Action<SqliteStorageOptions> configure, Func<IServiceProvider, IGrainStorageSerializer> serializer)
    {
        builder.Services.AddOptions<SqliteStorageOptions>(name).Configure(configure).Validate(o => o.File.Length > 0, "The SQLite storage needs a file.").ValidateOnStart();
        builder.Services.AddKeyedSingleton(name, (services, _) =>
            new SqliteDatabase(services.GetRequiredService<IOptionsMonitor<SqliteStorageOptions>>().Get(name)));
        builder.Services.AddGrainStorage(name, (services, _) => new SqliteGrainStorage(
            name,
            services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId,
            services.GetRequiredKeyedService<SqliteDatabase>(name),
            serializer(services)));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services =>
            new Opening(name, services.GetRequiredKeyedService<SqliteDatabase>(name)));
        return builder;
    }

    private sealed class Opening(string name, SqliteDatabase database) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
            $"sqlite {name}",
            ServiceLifecycleStage.RuntimeStorageServices,
            _ =>
            {
                database.Open();
                return Task.CompletedTask;
            },
            _ => database.DisposeAsync().AsTask());
    }
}
