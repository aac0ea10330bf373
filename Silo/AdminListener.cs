using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.Silo;

/// <summary>Where and how the admin API listens: HTTP on loopback, HTTPS wherever a certificate is named.</summary>
internal static class AdminListener
{
    /// <summary>What the settings break; empty where all is right.</summary>
    public static IEnumerable<string> Check(SiloOptions options)
    {
        if (!IPAddress.TryParse(options.ListenAdmin, out var listen))
        {
            yield return $"ListenAdmin must be an IP address such as 127.0.0.1, is '{options.ListenAdmin}'";
        }
        else if (!IPAddress.IsLoopback(listen) && options.AdminCertificate is null && !options.InsecureAdmin)
        {
            yield return $"ListenAdmin {listen} is not loopback, and admin keys would pass in clear: name a certificate in SLUICE__ADMINCERTIFICATE and SLUICE__ADMINKEY "
                + "(SLUICE__INSECUREADMIN=true goes without, behind a proxy that speaks TLS)";
        }

        if ((options.AdminCertificate is null) != (options.AdminKey is null))
        {
            yield return "AdminCertificate and AdminKey go together: one of them is missing";
        }
    }

    /// <summary>Listens.</summary>
    /// <exception cref="SiloStartException">The certificate cannot be read.</exception>
    public static void Listen(KestrelServerOptions kestrel, SiloOptions options)
    {
        var address = IPAddress.Parse(options.ListenAdmin);
        if (options.AdminCertificate is not { } path)
        {
            kestrel.Listen(address, options.Admin);
            return;
        }

        X509Certificate2 certificate;
        var chain = new X509Certificate2Collection();
        try
        {
            certificate = X509Certificate2.CreateFromPemFile(path, options.AdminKey);
            chain.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SiloStartException($"TLS of the admin API: {path} and {options.AdminKey} cannot be used: {e.Message}", e);
        }

        kestrel.Listen(address, options.Admin, listener => listener.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = chain;
            https.HandshakeTimeout = TimeSpan.FromSeconds(5);
        }));
    }
}
