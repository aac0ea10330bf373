using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Acme;

/// <summary>The authorities of workspaces as they are declared now, and the ways to them.</summary>
internal sealed class Authorities(IGrainFactory grains, KeyringSource keyrings, IOptions<AcmeOptions> options, OwnPorts own, TimeProvider time, ILogger<Authorities> log)
{
    private const int KeyVersion = 1;

    /// <summary>As declared in the active revision.</summary>
    /// <exception cref="AcmeException">It is not.</exception>
    public async Task<CertificateAuthorityResource> FindAsync(string workspace, string name) =>
        await grains.GetGrain<ICatalogGrain>(workspace).GetResourceAsync(CertificateAuthorityResource.KindName, name) is { } body && ResourceReader.Read(body.Json).Resource is CertificateAuthorityResource found
            ? found
            : throw new AcmeException($"there is no {CertificateAuthorityResource.KindName} '{name}'", isPassing: true);

    /// <summary>A way to it.</summary>
    /// <exception cref="AcmeException">It could not be had.</exception>
    public async Task<AcmeSession> OpenAsync(string workspace, CertificateAuthorityResource authority, CancellationToken cancellation)
    {
        X509Certificate2Collection? roots = null;
        if (authority.Trust is { } trust)
        {
            (roots, var wrong) = CertificatePem.ReadAuthorities(await SecretAsync(workspace, trust));
            if (wrong is not null)
            {
                throw new AcmeException($"{CertificateAuthorityResource.KindName} '{authority.Name}': ca: the secret '{trust}' {wrong}", isPassing: true);
            }
        }

        return await AcmeSession.OpenAsync(Client(roots), time, authority.Directory, cancellation);
    }

    /// <summary>A secret of the active revision.</summary>
    /// <exception cref="AcmeException">It does not open.</exception>
    public async Task<string> SecretAsync(string workspace, string name) => await FindSecretAsync(workspace, name) ?? throw new AcmeException($"the secret '{name}' could not be opened", isPassing: true);

    /// <summary>A secret of the active revision; null: it is not there, or does not open.</summary>
    public async Task<string?> FindSecretAsync(string workspace, string name) =>
        await grains.GetGrain<ICatalogGrain>(workspace).GetResourceAsync(SecretResource.KindName, name) is { } body
            ? SealedBody.Open(await keyrings.GetAsync(), workspace, body, log)?.Value
            : null;

    /// <summary>Seals a private key for the state of a grain.</summary>
    public async Task<string> SealAsync(string workspace, string kind, string name, ECDsa key) => (await keyrings.GetAsync()).Seal(new SealContext(workspace, kind, name, KeyVersion), key.ExportPkcs8PrivateKey());

    /// <summary>Opens what <see cref="SealAsync"/> made.</summary>
    public async Task<ECDsa> UnsealAsync(string workspace, string kind, string name, string @sealed)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey((await keyrings.GetAsync()).Open(new SealContext(workspace, kind, name, KeyVersion), @sealed), out _);
        return key;
    }

    private HttpMessageInvoker Client(X509Certificate2Collection? roots)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            ConnectCallback = new GuardedConnector(AddressGuard.ForWebhooks(options.Value.OpenRanges, own)).ConnectAsync,
            MaxConnectionsPerServer = 2,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
        };
        if (roots is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return new HttpMessageInvoker(handler);
    }
}
