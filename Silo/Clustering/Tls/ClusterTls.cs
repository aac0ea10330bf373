using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;

namespace Sluice.Silo.Clustering.Tls;

/// <summary>
/// Mutual TLS 1.2 or 1.3 on every connection between silos, and between edges and silos. Silo ports accept silos, gateway ports silos and edges, and who
/// connects accepts silos only. A handshake has 5 s. What a certificate must be is <see cref="PeerCheck"/>'s; see docs/security.md.
/// </summary>
public static class ClusterTls
{
    private static readonly TimeSpan HandshakeBound = TimeSpan.FromSeconds(5);

    /// <summary>Puts TLS on a silo's two ports, and on its connections to other silos.</summary>
    public static void UseOn(ISiloBuilder silo, CertificateFiles files, string cluster)
    {
        Watch(silo.Services, files);
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<ILoggerFactory>((connections, logs) =>
        {
            var log = logs.CreateLogger(typeof(ClusterTls));
            connections.ConfigureSiloInboundConnection(c => c.UseServerTls(Accepting(files, cluster, log, ClusterRole.Silo)));
            connections.ConfigureSiloOutboundConnection(c => c.UseClientTls(Accepting(files, cluster, log, ClusterRole.Silo)));
            connections.ConfigureGatewayInboundConnection(c => c.UseServerTls(Accepting(files, cluster, log, ClusterRole.Silo, ClusterRole.Edge)));
        });
    }

    /// <summary>Puts TLS on an edge's connections to silos.</summary>
    public static void UseOn(IClientBuilder client, CertificateFiles files, string cluster)
    {
        Watch(client.Services, files);
        client.Services.AddOptions<ClientConnectionOptions>().Configure<ILoggerFactory>((connections, logs) =>
            connections.ConfigureConnection(c => c.UseClientTls(Accepting(files, cluster, logs.CreateLogger(typeof(ClusterTls)), ClusterRole.Silo))));
    }

    private static void Watch(IServiceCollection services, CertificateFiles files)
    {
        services.AddSingleton(files);
        services.AddHostedService<CertificateWatch>();
    }

    private static TlsOptions Accepting(CertificateFiles files, string cluster, ILogger log, params ClusterRole[] roles) => new()
    {
        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        HandshakeTimeout = HandshakeBound,
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        LocalServerCertificateSelector = (_, _) => files.Current.Certificate,
        LocalClientCertificateSelector = (_, _, _, _, _) => files.Current.Certificate,

        // The name is not looked at, the role is: processes of a cluster move between addresses.
        OnAuthenticateAsClient = (_, options) => options.TargetHost = cluster,
        RemoteCertificateValidation = (certificate, _, _) => IsAccepted(certificate, files, cluster, log, roles),
    };

    private static bool IsAccepted(X509Certificate2 certificate, CertificateFiles files, string cluster, ILogger log, ClusterRole[] roles)
    {
        if (PeerCheck.Refuse(certificate, files.Current.Roots, cluster, roles) is not { } why)
        {
            return true;
        }

        log.LogWarning("A peer is refused: {Reason}", why);
        return false;
    }
}
