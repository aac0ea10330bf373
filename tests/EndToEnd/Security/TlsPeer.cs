using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>A connection to a port of the cluster, with a certificate or without.</summary>
public sealed class TlsPeer : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly TcpClient _client;

    private TlsPeer(TcpClient client, SslStream stream) => (_client, Stream) = (client, stream);

    public SslStream Stream { get; }

    /// <summary>Who answered.</summary>
    public string Serial => new X509Certificate2(Stream.RemoteCertificate!).SerialNumber;

    /// <summary>Connects; with TLS 1.3 a refusal is seen only by who reads.</summary>
    public static async Task<TlsPeer> ConnectAsync(int port, X509Certificate2? certificate)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            var stream = new SslStream(client.GetStream());
            using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "any",
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                },
                bound.Token);
            return new TlsPeer(client, stream);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>True where the port lets the holder of a certificate speak: it sends its greeting instead of ending the connection.</summary>
    /// <exception cref="OperationCanceledException">The port neither spoke nor closed.</exception>
    public static async Task<bool> IsGreetedAsync(int port, X509Certificate2? certificate)
    {
        try
        {
            await using var peer = await ConnectAsync(port, certificate);
            return await peer.ReadAsync() > 0;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return false;
        }
    }

    /// <summary>Bytes read at once; 0: closed.</summary>
    public async Task<int> ReadAsync()
    {
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        return await Stream.ReadAsync(new byte[1024], bound.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _client.Dispose();
    }
}
