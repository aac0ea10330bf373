using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Sluice.Tests.Storage.Azure;

/// <summary>A silo whose storage is in Azurite.</summary>
public sealed class AzureSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private AzureSilo(InProcessTestCluster cluster) => _cluster = cluster;

    /// <summary>The storage of that name.</summary>
    public IGrainStorage Storage(string name) => Provider.GetRequiredKeyedService<IGrainStorage>(name);

    /// <summary>What the silo is made of.</summary>
    public IServiceProvider Provider => _cluster.GetSiloServiceProvider();

    public static async Task<AzureSilo> StartAsync(Action<ISiloBuilder> configure, string service = "sluice")
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.Options.ServiceId = service;
        builder.ConfigureSilo((_, silo) => configure(silo));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new AzureSilo(cluster);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }
}
