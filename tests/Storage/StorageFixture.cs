using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using Sluice.Storage.Sqlite;

namespace Sluice.Tests.Storage;

/// <summary>A silo whose only storage is a SQLite file in a folder of its own.</summary>
public sealed class StorageFixture : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    /// <summary>Removed at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("sluice-storage-").FullName;

    /// <summary>The database file of the silo.</summary>
    public string Database { get; private set; } = "";

    /// <summary>The storage under test.</summary>
    public IGrainStorage Storage => Provider.GetRequiredKeyedService<IGrainStorage>("Default");

    /// <summary>The storage of stream subscriptions, on the same file.</summary>
    public IGrainStorage PubSubStore => Provider.GetRequiredKeyedService<IGrainStorage>("PubSubStore");

    private IServiceProvider Provider => _cluster!.GetSiloServiceProvider();

    public ValueTask InitializeAsync() => new(OpenAsync("sluice.db"));

    /// <summary>Starts a silo on a file in the folder.</summary>
    public async Task OpenAsync(string file)
    {
        Database = Path.Combine(Folder, file);
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.Options.ServiceId = "sluice";
        builder.ConfigureSilo((_, silo) => silo.AddSqliteStorage(Database));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    /// <summary>Ends the silo.</summary>
    public async Task CloseAsync()
    {
        if (_cluster is { } cluster)
        {
            _cluster = null;
            await cluster.StopAllSilosAsync();
            await cluster.DisposeAsync();
        }
    }

    /// <summary>Reads a state as a fresh activation would.</summary>
    public async Task<GrainState<Note>> ReadAsync(GrainId id)
    {
        var state = new GrainState<Note>();
        await Storage.ReadStateAsync("note", id, state);
        return state;
    }

    /// <summary>The number in a stored note; fails where there is none.</summary>
    public async Task<long> ReadNumberAsync(GrainId id) => Assert.IsType<Note>((await ReadAsync(id)).State).Number;

    /// <summary>The id of a grain that no other test has.</summary>
    public static GrainId NewId() => GrainId.Create("note", Guid.NewGuid().ToString("n"));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
