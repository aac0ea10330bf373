using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sluice.Tests.Processes;

/// <summary>Pebble, Let's Encrypt's test server of ACME (RFC 8555), as a process of its own. It refuses every third nonce, and really asks hosts for what they are to prove.</summary>
public sealed class Pebble : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly TemporaryFolder _folder;
    private readonly int _management;

    private Pebble(Process process, TemporaryFolder folder, NameServer names, TestAuthority own, int port, int management) =>
        (_process, _folder, Names, Own, Directory, _management) = (process, folder, names, own, $"https://localhost:{port.ToString(CultureInfo.InvariantCulture)}/dir", management);

    /// <summary>Why it cannot be started; null where it can.</summary>
    public static string? Missing => File.Exists("/usr/bin/pebble") ? null : "pebble is not installed: ./test does it where there is apt-get, for root.";

    /// <summary>By which it finds hosts; one that is not there has no address.</summary>
    public NameServer Names { get; }

    /// <summary>Whom its clients trust for its own TLS.</summary>
    public TestAuthority Own { get; }

    /// <summary>Where it says what it offers.</summary>
    public string Directory { get; }

    /// <summary>Declares it as <c>CertificateAuthority</c>, with the secret of its root.</summary>
    public string Bundle(string name) => $$"""
        kind: Secret
        name: {{name}}-root
        value: {{IssuedCertificate.Quoted(Own.RootPem)}}
        ---
        kind: CertificateAuthority
        name: {{name}}
        directory: {{Directory}}
        contacts: [ops@example.com]
        termsAgreed: true
        ca: { secret: {{name}}-root }
        """;

    /// <summary>Starts one; only where it is not <see cref="Missing"/>.</summary>
    /// <param name="port">At which port it asks hosts.</param>
    /// <param name="keyId">Of an account that exists with it, without which it makes none; null: it asks for none.</param>
    /// <param name="key">For it, in base64url.</param>
    public static async Task<Pebble> StartAsync(int port, string? keyId = null, string? key = null)
    {
        var (folder, names, own, listen, management) = (new TemporaryFolder(), new NameServer(), new TestAuthority(), Ports.Free(), Ports.Free());
        var tls = own.Issue(["localhost"]);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "chain.pem"), tls.Chain);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "key.pem"), tls.Key);
        var settings = Path.Combine(folder.Path, "pebble.json");
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = $"127.0.0.1:{listen}",
                managementListenAddress = $"127.0.0.1:{management}",
                certificate = Path.Combine(folder.Path, "chain.pem"),
                privateKey = Path.Combine(folder.Path, "key.pem"),
                httpPort = port,
                tlsPort = 1,
                externalAccountBindingRequired = keyId is not null,
                externalAccountMACKeys = keyId is null ? [] : new Dictionary<string, string>(StringComparer.Ordinal) { [keyId] = key! },
            },
        }));
        var process = Process.Start(new ProcessStartInfo("/usr/bin/pebble", ["-strict", "-config", settings, "-dnsserver", names.Address])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PEBBLE_VA_NOSLEEP"] = "1", ["PEBBLE_WFE_NONCEREJECT"] = "33", ["PEBBLE_AUTHZREUSE"] = "0" },
        })!;
        try
        {
            using var bound = new CancellationTokenSource(StartBound, TimeProvider.System);
            while (await process.StandardOutput.ReadLineAsync(bound.Token) is { } line && !line.Contains("ACME directory available", StringComparison.Ordinal))
            {
                // It tells what it does.
            }

            // What it prints is read away, or it would stop at a full pipe.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new Pebble(process, folder, names, own, listen, management);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>The root of the certificates that it issues.</summary>
    public async Task<X509Certificate2> RootAsync()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(Own.Root);
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });
        return X509Certificate2.CreateFromPem(await client.GetStringAsync($"https://localhost:{_management.ToString(CultureInfo.InvariantCulture)}/roots/0"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Names.DisposeAsync();
        Own.Dispose();
        _folder.Dispose();
    }
}
