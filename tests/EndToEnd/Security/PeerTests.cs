using System.Security.Cryptography.X509Certificates;
using Sluice.Silo.Clustering.Tls;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Whom a silo's ports let speak.</summary>
public sealed class PeerTests(SealedSilo silo) : IClassFixture<SealedSilo>
{
    private const string Silo = $"spiffe://{ClusterCertificates.Cluster}/silo";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public static TheoryData<bool> Gateway { get; } = [true, false];

    [Fact]
    public async Task A_silo_is_greeted_on_the_silo_port()
    {
        using var certificate = Load(silo.Certificates.Files("silo-1"));

        Assert.True(await TlsPeer.IsGreetedAsync(silo.SiloPort, certificate));
    }

    [Fact]
    public async Task An_edge_is_refused_on_the_silo_port_and_the_log_says_why()
    {
        using var certificate = Load(silo.Certificates.Files("edge-1"));

        Assert.False(await TlsPeer.IsGreetedAsync(silo.SiloPort, certificate));
        await Eventually.TrueAsync(
            () => Task.FromResult(silo.Log.Contains("spiffe://sealed/edge, and this connection accepts Silo", StringComparison.Ordinal)), "the silo logs the refusal");
    }

    [Theory, MemberData(nameof(Gateway))]
    public async Task No_certificate_is_refused(bool gateway) => Assert.False(await TlsPeer.IsGreetedAsync(Port(gateway), null));

    [Theory, MemberData(nameof(Gateway))]
    public async Task A_certificate_of_another_authority_is_refused(bool gateway)
    {
        using var folder = new TemporaryFolder();
        var other = await ClusterCertificates.CreateAsync(Path.Combine(folder.Path, "pki"));
        using var certificate = Load(await other.IssueAsync("silo", "silo-1"));

        Assert.False(await TlsPeer.IsGreetedAsync(Port(gateway), certificate));
    }

    [Theory, MemberData(nameof(Gateway))]
    public async Task An_expired_certificate_is_refused(bool gateway)
    {
        using var certificate = silo.Certificates.Forge(Silo, Now.AddMinutes(-4), Now.AddMinutes(-1));

        Assert.False(await TlsPeer.IsGreetedAsync(Port(gateway), certificate));
    }

    [Fact]
    public async Task What_differs_from_the_expired_one_in_time_alone_is_greeted()
    {
        using var certificate = silo.Certificates.Forge(Silo, Now.AddMinutes(-4), Now.AddMinutes(10));

        Assert.True(await TlsPeer.IsGreetedAsync(silo.SiloPort, certificate));
    }

    [Theory, MemberData(nameof(Gateway))]
    public async Task A_certificate_of_another_cluster_is_refused(bool gateway)
    {
        using var certificate = silo.Certificates.Forge("spiffe://other/silo", Now.AddMinutes(-4), Now.AddMinutes(10));

        Assert.False(await TlsPeer.IsGreetedAsync(Port(gateway), certificate));
    }

    [Theory, MemberData(nameof(Gateway))]
    public async Task A_certificate_without_a_role_is_refused(bool gateway)
    {
        using var certificate = silo.Certificates.Forge(null, Now.AddMinutes(-4), Now.AddMinutes(10));

        Assert.False(await TlsPeer.IsGreetedAsync(Port(gateway), certificate));
    }

    private static X509Certificate2 Load(TlsFiles files) => X509Certificate2.CreateFromPemFile(files.Certificate!, files.Key);

    private int Port(bool gateway) => gateway ? silo.GatewayPort : silo.SiloPort;
}
