using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Silo;
using Sluice.Silo.Clustering;
using Sluice.Silo.Clustering.Tls;
using Sluice.Tests.Processes;
using Ports = Sluice.Tests.Processes.Ports;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>A silo process that wants mutual TLS on its ports, and the certificates of its cluster.</summary>
public sealed class SealedSilo : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SluiceProcess? _process;

    public int SiloPort { get; } = Ports.Free();

    public int GatewayPort { get; } = Ports.Free();

    public ClusterCertificates Certificates { get; private set; } = new("");

    /// <summary>The admin API, and the first key of it.</summary>
    public Uri Admin => _process!.Admin;

    public string AdminKey => _process!.Line.AdminKey!;

    /// <summary>All that it printed.</summary>
    public string Log => _process!.Log;

    public async ValueTask InitializeAsync()
    {
        Certificates = await ClusterCertificates.CreateAsync(Path.Combine(_folder.Path, "pki"));
        var files = await Certificates.IssueAsync("silo", "silo-1");
        await Certificates.IssueAsync("edge", "edge-1");
        _process = await SluiceProcess.StartAsync(
            ["silo", "--admin", "0", "--silo-port", Text(SiloPort), "--gateway-port", Text(GatewayPort), "--cluster-name", ClusterCertificates.Cluster, "--data", Path.Combine(_folder.Path, "data")],
            ClusterCertificates.Settings(files));
    }

    /// <summary>An edge's connection to the cluster, by the settings of <c>sluice edge</c>.</summary>
    /// <param name="forge">What it sends, as a protocol stack of an attacker's own would.</param>
    public async Task<IHost> ConnectAsync(TlsFiles files, Forgery? forge = null)
    {
        var options = new SiloOptions { GatewayPort = GatewayPort, ClusterName = ClusterCertificates.Cluster, Tls = files };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client =>
        {
            client.UseCluster(options, ClusterBoundary.Credentials(options, ClusterRole.Edge), gatewaysAreNamed: true);
            forge?.UseOn(client);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
