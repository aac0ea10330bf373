using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Silo;
using Sluice.Silo.Clustering;

namespace Sluice.Bench.Fleet;

/// <summary>An edge inside this process, with a client of its own as a process of its own has.</summary>
internal sealed class HostedEdge : IAsyncDisposable
{
    private readonly IHost _client;
    private readonly WebApplication _edge;

    private HostedEdge(IHost client, WebApplication edge) => (_client, _edge) = (client, edge);

    /// <summary>What it is put together from.</summary>
    public IServiceProvider Services => _edge.Services;

    /// <summary>Starts one that reaches a silo of this machine; it is ready when this ends.</summary>
    public static async Task<HostedEdge> StartAsync(int gatewayPort)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "Sluice.Bench.Fleet" });
        builder.UseOrleansClient(client => client
            .UseCluster(new SiloOptions { GatewayPort = gatewayPort }, credentials: null, gatewaysAreNamed: true)
            .AddMemoryStreams(ChangeStream.Provider));
        var client = builder.Build();
        await client.StartAsync();
        var edge = EdgeHost.Create(new EdgeOptions { Http = 0, Ops = 0, Listen = "127.0.0.1" }, client.Services.GetRequiredService<IClusterClient>());
        await edge.StartAsync();
        await edge.Services.GetRequiredService<ActiveRevision>().Ready;
        return new HostedEdge(client, edge);
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.StopAsync();
        await _edge.DisposeAsync();
        await _client.StopAsync();
        _client.Dispose();
    }
}
