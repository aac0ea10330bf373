using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Peers that do not speak the protocol.</summary>
public sealed class NoiseTests(SealedSilo silo) : IClassFixture<SealedSilo>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static TheoryData<bool> Gateway { get; } = [true, false];

    [Theory, MemberData(nameof(Gateway))]
    public async Task A_handshake_that_never_comes_is_ended(bool gateway)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port(gateway));

        // The first three bytes of a handshake record, and no more.
        await client.GetStream().WriteAsync(new byte[] { 0x16, 0x03, 0x01 });

        await AssertClosedAsync(client.GetStream());
    }

    [Theory, MemberData(nameof(Gateway))]
    public async Task Random_bytes_end_their_connection_only(bool gateway)
    {
        var random = Seeded(out var seed);
        for (var i = 0; i < 50; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port(gateway));
            await SendAsync(client.GetStream(), Bytes(random));
        }

        await AssertServesAsync(seed);
    }

    [Fact]
    public async Task Random_bytes_of_an_edge_inside_TLS_end_their_connection_only()
    {
        var random = Seeded(out var seed);
        var files = silo.Certificates.Files("edge-1");
        using var certificate = X509Certificate2.CreateFromPemFile(files.Certificate!, files.Key);
        for (var i = 0; i < 50; i++)
        {
            await using var peer = await TlsPeer.ConnectAsync(silo.GatewayPort, certificate);
            await SendAsync(peer.Stream, Bytes(random));
        }

        await AssertServesAsync(seed);
    }

    private static Random Seeded(out int seed)
    {
        seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        return new Random(seed);
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(1, 64 * 1024)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task SendAsync(Stream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // It was ended before all was sent.
        }
    }

    private static async Task AssertClosedAsync(Stream stream)
    {
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        try
        {
            while (await stream.ReadAsync(new byte[1024], bound.Token) > 0)
            {
                // An alert may come before the end.
            }
        }
        catch (IOException)
        {
            // Reset: closed as well.
        }
    }

    private async Task AssertServesAsync(int seed)
    {
        using var edge = await silo.ConnectAsync(silo.Certificates.Files("edge-1"));
        var head = await edge.Services.GetRequiredService<IClusterClient>().GetGrain<IEdgeCatalogGrain>(GrainKeys.DefaultWorkspace).GetHeadAsync();
        Assert.True(head.Revision > 0, FormattableString.Invariant($"seed {seed}"));
    }

    private int Port(bool gateway) => gateway ? silo.GatewayPort : silo.SiloPort;
}
