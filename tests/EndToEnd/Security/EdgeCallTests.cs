using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>What an edge may call.</summary>
public sealed class EdgeCallTests(SealedSilo silo) : IClassFixture<SealedSilo>
{
    [Fact]
    public async Task An_edge_reads_the_catalog()
    {
        using var edge = await silo.ConnectAsync(silo.Certificates.Files("edge-1"));
        var cluster = edge.Services.GetRequiredService<IClusterClient>();

        Assert.True((await cluster.GetGrain<IEdgeCatalogGrain>(GrainKeys.DefaultWorkspace).GetHeadAsync()).Revision > 0);
    }

    [Fact]
    public async Task An_edge_that_writes_to_the_catalog_is_refused_and_told_what()
    {
        using var edge = await silo.ConnectAsync(silo.Certificates.Files("edge-1"));
        var catalog = edge.Services.GetRequiredService<IClusterClient>().GetGrain<ICatalogGrain>(GrainKeys.DefaultWorkspace);
        var before = await catalog.GetHeadAsync();

        var refused = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => catalog.RollbackAsync(1, null, Author.System, null));

        Assert.StartsWith("An edge may not call ICatalogGrain.RollbackAsync", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await catalog.GetHeadAsync());
    }

    [Fact]
    public async Task An_edge_that_asks_for_admin_keys_is_refused()
    {
        using var edge = await silo.ConnectAsync(silo.Certificates.Files("edge-1"));
        var keys = edge.Services.GetRequiredService<IClusterClient>().GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => keys.IdentifyAsync("slc_admin_x"));
    }

    [Fact]
    public async Task An_edge_that_asks_to_manage_silos_is_refused()
    {
        using var edge = await silo.ConnectAsync(silo.Certificates.Files("edge-1"));
        var management = edge.Services.GetRequiredService<IClusterClient>().GetGrain<IManagementGrain>(0);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => management.ForceGarbageCollection([]));
    }
}
