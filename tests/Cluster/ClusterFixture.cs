using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using Sluice.Grains;
using Sluice.Grains.Acme;
using Sluice.Grains.CallLog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Sealing;
using Sluice.Grains.Usage;
using Sluice.Grains.Webhooks;
using Sluice.Tests.Cluster.Usage;
using Sluice.Storage.Sqlite;

[assembly: AssemblyFixture(typeof(Sluice.Tests.Cluster.ClusterFixture))]

namespace Sluice.Tests.Cluster;

/// <summary>
/// One silo with Sluice's grains on a SQLite file in a folder of its own, and a client. One is shared by all tests, each in a workspace of its own;
/// a test that restarts the silo or moves its clock makes its own.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly bool _ownsFolder;
    private InProcessTestCluster? _cluster;

    public ClusterFixture()
        : this(Directory.CreateTempSubdirectory("sluice-cluster-").FullName) => _ownsFolder = true;

    private ClusterFixture(string folder) => (Folder, Archive, CallFiles) = (folder, new FolderArchive(Path.Combine(folder, "usage")), new FolderArchive(Path.Combine(folder, "calls")));

    /// <summary>The folder of the database; removed at the end by the fixture that made it.</summary>
    public string Folder { get; }

    /// <summary>The database.</summary>
    public string Database => Path.Combine(Folder, "sluice.db");

    /// <summary>The silo's clocks.</summary>
    public AdjustableTime Time { get; } = new();

    /// <summary>What becomes of each call of a grain on the silo; a test that changes it minds its own workspace only.</summary>
    public Func<IIncomingGrainCallContext, Task> OnCall { get; set; } = static call => call.Invoke();

    /// <summary>Where the silo's files of records are.</summary>
    public FolderArchive Archive { get; }

    /// <summary>Where the silo's files of the call log are.</summary>
    public FolderArchive CallFiles { get; }

    /// <summary>As edges and the admin API see the cluster.</summary>
    public IClusterClient Client => Cluster.Client;

    /// <summary>The silo's services.</summary>
    public IServiceProvider Silo => Cluster.GetSiloServiceProvider();

    private InProcessTestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    /// <summary>A workspace that no other test has.</summary>
    public static string NewWorkspace() => $"w{Guid.NewGuid():n}";

    /// <summary>A second cluster on the same database that knows nothing of this one: each activates every grain for itself, as two halves of a torn network would.</summary>
    public async Task<ClusterFixture> StartTornOffAsync()
    {
        var other = new ClusterFixture(Folder);
        await other.InitializeAsync();
        return other;
    }

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.Options.ServiceId = "sluice";
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(Time);
            silo.AddSqliteStorage(Database);
            silo.AddSluiceGrains();
            silo.Services.AddSingleton<IRecordArchive>(Archive);
            silo.Services.AddSingleton<ICallArchive>(CallFiles);
            silo.AddIncomingGrainCallFilter(call => OnCall(call));
            silo.Services.Configure<WebhookOptions>(o => o.OpenRanges = "127.0.0.0/8");
            silo.Services.Configure<AcmeOptions>(o => o.OpenRanges = "127.0.0.0/8");
            silo.Services.Configure<SealingOptions>(o => o.RootKeyFile = Path.Combine(Folder, "root-key"));
        });
        builder.ConfigureClient(client => client.AddMemoryStreams(ChangeStream.Provider));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    /// <summary>Ends the silo and starts another on the same file.</summary>
    /// <param name="kill">True: without its good order, as when the process is killed.</param>
    public async Task RestartAsync(bool kill)
    {
        await EndAsync(kill);
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(kill: false);
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task EndAsync(bool kill)
    {
        if (_cluster is { } cluster)
        {
            _cluster = null;
            if (kill)
            {
                await cluster.KillSiloAsync(cluster.Silos[0]);
            }

            await cluster.StopAllSilosAsync();
            await cluster.DisposeAsync();
        }
    }
}
