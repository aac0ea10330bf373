using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sluice.Edge.Tls;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>A gateway that listens for TLS, over QUIC too where this machine has it, and for HTTP/2 without it, and an authority whom the tests' clients trust.</summary>
public sealed class TlsGateway : IAsyncLifetime
{
    public Gateway Gateway { get; private set; } = null!;

    public TestAuthority Authority { get; } = new();

    public int Https { get; } = Ports.Free();

    public int Http2 { get; } = Ports.Free();

    public int Ops { get; } = Ports.Free();

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__EDGE__HTTPS"] = Https.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["SLUICE__EDGE__HTTP3"] = QuicRuntime.Missing is null ? "true" : "false",

            // A connection over QUIC now and then is not let go of (docs/http3.md).
            ["SLUICE__EDGE__DRAINTIME"] = "10s",
            ["SLUICE__EDGE__HTTP2"] = Http2.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        Ops);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        Authority.Dispose();
    }

    /// <summary>Shakes hands as a client that trusts the authority, and answers what it was shown.</summary>
    /// <param name="host">The name that it asks for; empty: none.</param>
    /// <param name="own">The certificate that it shows.</param>
    /// <param name="expected">The name that the certificate must be for; null: <paramref name="host"/>.</param>
    public Task<SslStream> ConnectAsync(string host, X509Certificate2? own = null, string? expected = null) => ConnectAsync(Https, Options(host, own, expected));

    /// <summary>The same at any port, for a client that trusts one root.</summary>
    public static Task<SslStream> ConnectAsync(int port, string host, X509Certificate2 root) => ConnectAsync(port, new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = Trust(root) });

    private static async Task<SslStream> ConnectAsync(int port, SslClientAuthenticationOptions options)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(options);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The thumbprint of the certificate that a client of this name is shown.</summary>
    public async Task<string> ShownAsync(string host, string? expected = null)
    {
        await using var stream = await ConnectAsync(host, expected: expected);
        return ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;
    }

    /// <summary>An HTTP client that finds every host at the TLS port.</summary>
    /// <param name="own">The certificate that it shows.</param>
    public SocketsHttpHandler Handler(X509Certificate2? own = null) => new()
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, Https, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = Options(null, own, null),
        UseProxy = false,
    };

    /// <summary>An HTTP client over TLS.</summary>
    /// <param name="host">The base of its addresses.</param>
    /// <param name="version">3.0, for which the test is skipped where this machine has no QUIC, 2.0 or 1.1, and no other.</param>
    /// <param name="own">The certificate that it shows.</param>
    public HttpClient Client(string host, Version version, X509Certificate2? own = null)
    {
        if (version.Major == 3)
        {
            Assert.SkipWhen(QuicRuntime.Missing is not null, QuicRuntime.Missing ?? "");
        }

        // Over QUIC a client connects by itself; the name that it asks for is that of the header.
        var client = new HttpClient(version.Major == 3 ? new SocketsHttpHandler { SslOptions = Options(null, own, null), UseProxy = false } : Handler(own))
        {
            BaseAddress = version.Major == 3 ? new Uri($"https://127.0.0.1:{Https}/") : new Uri($"https://{host}/"),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };
        client.DefaultRequestHeaders.Host = version.Major == 3 ? host : null;
        return client;
    }

    internal SslClientAuthenticationOptions Options(string? host, X509Certificate2? own, string? expected)
    {
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust(Authority.Root) };
        if (host is not null)
        {
            options.TargetHost = host;
        }

        if (own is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(own, [X509Certificate2.CreateFromPem(Authority.BetweenPem)], offline: true);
        }

        if (expected is not null)
        {
            // The name is another one than the client asked for: it is looked at here.
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateNameMismatch && ((X509Certificate2)certificate!).MatchesHostname(expected);
        }

        return options;
    }

    /// <summary>Trusts one root and no other.</summary>
    public static X509ChainPolicy Trust(X509Certificate2 root)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(root);
        return policy;
    }
}
