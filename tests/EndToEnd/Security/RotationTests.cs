using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Certificate files that change under a running silo.</summary>
public sealed class RotationTests(SealedSilo silo) : IClassFixture<SealedSilo>
{
    [Fact]
    public async Task New_files_serve_the_next_connection_and_open_ones_live_on()
    {
        var (old, edgeFiles) = (silo.Certificates.Files("silo-1"), silo.Certificates.Files("edge-1"));
        using var edge = await silo.ConnectAsync(edgeFiles);
        var catalog = edge.Services.GetRequiredService<IClusterClient>().GetGrain<IEdgeCatalogGrain>(GrainKeys.DefaultWorkspace);
        var head = await catalog.GetHeadAsync();
        using var certificate = X509Certificate2.CreateFromPemFile(edgeFiles.Certificate!, edgeFiles.Key);
        var replacement = await silo.Certificates.IssueAsync("silo", "silo-2");
        using var wanted = X509Certificate2.CreateFromPemFile(replacement.Certificate!, replacement.Key);

        // One file after the other, as people copy: in between the two do not fit, and the old ones stay.
        File.Copy(replacement.Key!, old.Key!, overwrite: true);
        await using (var between = await TlsPeer.ConnectAsync(silo.GatewayPort, certificate))
        {
            Assert.NotEqual(wanted.SerialNumber, between.Serial);
        }

        File.Copy(replacement.Certificate!, old.Certificate!, overwrite: true);
        await Eventually.TrueAsync(
            async () =>
            {
                await using var next = await TlsPeer.ConnectAsync(silo.GatewayPort, certificate);
                return string.Equals(next.Serial, wanted.SerialNumber, StringComparison.Ordinal);
            },
            "a new connection sees the new certificate");
        Assert.Equal(head, await catalog.GetHeadAsync());
    }
}
