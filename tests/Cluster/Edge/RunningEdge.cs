using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;

namespace Sluice.Tests.Cluster.Edge;

/// <summary>The state of one edge, without its listener, as a client of the test cluster.</summary>
internal sealed class RunningEdge : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isStopped;

    private RunningEdge(IHost host) => _host = host;

    public string Id => Service<EdgeStart>().Id;

    public ActiveRevision Active => Service<ActiveRevision>();

    public KeyCache Keys => Service<KeyCache>();

    public Meter Meter => Service<Meter>();

    /// <summary>Starts an edge and waits until it is registered and serves a revision.</summary>
    /// <param name="cluster">As its client.</param>
    /// <param name="workspace">Whose revisions.</param>
    /// <param name="hasUpkeep">False: it renews and reports nothing by itself.</param>
    public static async Task<RunningEdge> StartAsync(IClusterClient cluster, string workspace, bool hasUpkeep = true)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(cluster);
        builder.Services.AddSingleton(new EdgeOptions { Workspace = workspace });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddLogging();
        builder.Services.AddEdgeState();
        if (!hasUpkeep)
        {
            builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(MeterUpkeep)));
        }

        var edge = new RunningEdge(builder.Build());
        await edge._host.StartAsync(TestContext.Current.CancellationToken);
        // News of a revision may come before the registration, which brings what keys are looked up with.
        await Task.WhenAll(edge.Active.Ready, edge.Service<FleetMembership>().Registered)
            .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        return edge;
    }

    /// <summary>Whom a key stands for on this edge.</summary>
    public async Task<Caller?> IdentifyAsync(string key) => await Keys.IdentifyAsync(key.AsMemory(), TestContext.Current.CancellationToken);

    /// <summary>Waits until the edge serves a revision of at least this number.</summary>
    public Task ReachAsync(long revision) => Eventually.HoldsAsync(() => Active.Current?.Head.Revision >= revision);

    /// <summary>Ends in good order.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        await _host.StopAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await StopAsync();
        }

        _host.Dispose();
    }

    private T Service<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();
}
