using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Starts that would open a port to others without TLS.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_silo_off_loopback_without_TLS_refuses_and_says_what_to_do()
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await SluiceProcess.CommandAsync(["silo", "--listen-silo", "0.0.0.0", "--advertise", "10.0.0.5", "--data", folder.Path]);

        Assert.Equal(2, code);
        Assert.Contains("ListenSilo 0.0.0.0 is not loopback", errors, StringComparison.Ordinal);
        Assert.Contains("sluice pki init", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_with_gateways_off_loopback_and_without_TLS_refuses_and_says_what_to_do()
    {
        var (code, _, errors) = await SluiceProcess.CommandAsync(["edge", "--gateways", "127.0.0.1:30000,10.0.0.5:30000"]);

        Assert.Equal(2, code);
        Assert.Contains("Gateways has 10.0.0.5:30000, which is not loopback", errors, StringComparison.Ordinal);
        Assert.Contains("sluice pki issue --role edge", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advertised_ports_that_lead_nowhere_are_refused_all_at_once()
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await SluiceProcess.CommandAsync(
            ["silo", "--silo-port", "0", "--advertise-silo-port", "21111", "--advertise-gateway-port", "70000", "--data", folder.Path]);

        Assert.Equal(2, code);
        Assert.Contains("AdvertiseSiloPort says where others reach SiloPort, which is any free port", errors, StringComparison.Ordinal);
        Assert.Contains("AdvertiseGatewayPort must be 1 to 65535, the port at which others reach GatewayPort; is 70000", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_advertised_port_for_both_is_refused()
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await SluiceProcess.CommandAsync(["silo", "--advertise-silo-port", "21111", "--advertise-gateway-port", "21111", "--data", folder.Path]);

        Assert.Equal(2, code);
        Assert.Contains("AdvertiseSiloPort and AdvertiseGatewayPort must differ: 21111 is there twice", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_told_to_go_without_starts_with_a_loud_warning()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SluiceProcess.StartAsync(
            ["silo", "--listen-silo", "0.0.0.0", "--advertise", "127.0.0.1", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", folder.Path],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__INSECURECLUSTER"] = "true" });

        await silo.LoggedAsync("WARNING: InsecureCluster is on");
    }

    [Fact]
    public async Task The_admin_API_off_loopback_without_TLS_refuses_and_says_what_to_do()
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await SluiceProcess.CommandAsync(["silo", "--listen-admin", "0.0.0.0", "--data", folder.Path]);

        Assert.Equal(2, code);
        Assert.Contains("ListenAdmin 0.0.0.0 is not loopback", errors, StringComparison.Ordinal);
        Assert.Contains("SLUICE__ADMINCERTIFICATE", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_admin_API_with_a_certificate_speaks_HTTPS()
    {
        using var folder = new TemporaryFolder();
        var certificates = await ClusterCertificates.CreateAsync(Path.Combine(folder.Path, "pki"));
        var files = await certificates.IssueAsync("silo", "admin", ClusterCertificates.Cluster, "127.0.0.1");
        await using var silo = await SluiceProcess.StartAsync(
            ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", Path.Combine(folder.Path, "data")],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__ADMINCERTIFICATE"] = files.Certificate!, ["SLUICE__ADMINKEY"] = files.Key! });
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(files.Ca!);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = policy;
        using var client = new HttpClient(handler) { BaseAddress = silo.Admin };

        using var answer = await client.GetAsync("/nowhere");

        Assert.Equal("https", silo.Admin.Scheme);
        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_silo_with_an_edges_certificate_refuses()
    {
        using var folder = new TemporaryFolder();
        var certificates = await ClusterCertificates.CreateAsync(Path.Combine(folder.Path, "pki"));
        var files = await certificates.IssueAsync("edge", "edge-1");

        var (code, _, errors) = await SluiceProcess.CommandAsync(
            ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--cluster-name", ClusterCertificates.Cluster, "--data", Path.Combine(folder.Path, "data")],
            ClusterCertificates.Settings(files));

        Assert.Equal(1, code);
        Assert.Contains("cannot be this silo's: its certificate is spiffe://sealed/edge", errors, StringComparison.Ordinal);
    }
}
