using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Tests.EndToEnd.Security;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary>What <c>sluice doctor</c> finds.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task A_gateway_that_is_well_has_no_findings_but_good_ones()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        var admin = gateway.Sluice.Admin;

        var (code, findings) = await RunAsync(
            Cluster(admin, gateway.AdminKey), "--data", gateway.Data, "--admin", Text(admin.Port), "--silo-port", "0", "--gateway-port", "0", "--http", "0", "--ops", "0");

        Assert.Equal(0, code);
        Assert.All(findings, f => Assert.Equal("ok", f.Level));
        Assert.Superset(
            new HashSet<string>(["settings", "root-key", "boundary", "storage", "disk", "ports", "silos", "clocks", "versions", "edges", "call-log"], StringComparer.Ordinal),
            findings.Select(f => f.Check).ToHashSet(StringComparer.Ordinal));
        Assert.Contains(findings, f => f.Says.Contains("the one that runs here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_silos_are_one_too_few()
    {
        using var folder = new TemporaryFolder();
        string[] silo = ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", folder.Path];
        await using var first = await SluiceProcess.StartAsync(silo);
        await using var second = await SluiceProcess.StartAsync(silo);

        var (code, findings) = await RunAsync(Cluster(second.Admin, first.Line.AdminKey!), "--data", folder.Path);

        Assert.Equal(0, code);
        var count = Assert.Single(findings, f => f.Says.StartsWith("2 silos", StringComparison.Ordinal));
        Assert.Equal(("silos", "warn", "run one silo, or three and more"), (count.Check, count.Level, count.Remedy));
        Assert.Contains(findings, f => f is { Check: "edges", Level: "warn" });
        Assert.Contains(findings, f => f is { Check: "versions", Level: "ok" });
    }

    [Fact]
    public async Task What_keeps_a_process_from_starting_is_an_error_each()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("files have no modes here");
            return;
        }

        using var folder = new TemporaryFolder();
        var rootKey = Path.Combine(folder.Path, "root.key");
        await File.WriteAllTextAsync(rootKey, Convert.ToBase64String(new byte[32]), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(rootKey, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "sluice.db"), "not a database", TestContext.Current.CancellationToken);
        var nobody = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"));

        var (code, findings) = await RunAsync(Cluster(nobody, "slc_admin_nobody"), "--data", folder.Path);

        Assert.Equal(1, code);
        Assert.Contains(findings, f => f is { Check: "root-key", Level: "error" } && f.Says.Contains("may be read by others", StringComparison.Ordinal));
        Assert.Contains(findings, f => f is { Check: "storage", Level: "error" } && f.Says.Contains("sluice.db", StringComparison.Ordinal));
        Assert.Contains(findings, f => f is { Check: "cluster", Level: "error" } && f.Says.Contains("no admin API answers", StringComparison.Ordinal));
        Assert.All(findings, f => Assert.Equal(f.Level is "ok", f.Remedy is null));
    }

    [Fact]
    public async Task Settings_that_are_wrong_are_told_and_the_cluster_is_asked_all_the_same()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        var environment = Cluster(gateway.Sluice.Admin, gateway.AdminKey);
        environment["SLUICE__LISTENSILO"] = "0.0.0.0";

        var (code, findings) = await RunAsync(environment, "--data", gateway.Data);

        Assert.Equal(1, code);
        Assert.Contains(findings, f => f is { Check: "settings", Level: "error" } && f.Says.Contains("ListenSilo 0.0.0.0", StringComparison.Ordinal));
        Assert.Contains(findings, f => f is { Check: "silos", Level: "ok" });
    }

    [Fact]
    public async Task A_port_that_another_program_holds_and_a_key_that_is_missing_are_warnings()
    {
        using var folder = new TemporaryFolder();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = Text(((IPEndPoint)holder.LocalEndpoint).Port);

        var (code, findings) = await RunAsync(new(StringComparer.Ordinal), "--data", folder.Path, "--silo-port", port);

        Assert.Equal(0, code);
        Assert.Contains(findings, f => f is { Check: "ports", Level: "warn" } && f.Says.Contains($"port {port} (silo to silo) is in use", StringComparison.Ordinal));
        Assert.Contains(findings, f => f is { Check: "cluster", Level: "warn" } && f.Remedy!.Contains("SLUICE_ADMIN_KEY", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("90", "ok")]
    [InlineData("5", "warn")]
    public async Task A_certificate_is_told_before_it_ends(string days, string level)
    {
        using var folder = new TemporaryFolder();
        var pki = Path.Combine(folder.Path, "pki");
        var certificates = await ClusterCertificates.CreateAsync(pki);
        var issued = await SluiceProcess.CommandAsync(["pki", "issue", "--cluster-name", ClusterCertificates.Cluster, "--role", "edge", "--name", "edge-1", "--out", pki, "--days", days]);
        Assert.Equal(0, issued.Code);
        var environment = new Dictionary<string, string>(ClusterCertificates.Settings(certificates.Files("edge-1")), StringComparer.Ordinal);

        var (_, findings) = await RunAsync(environment, "--data", folder.Path, "--cluster-name", ClusterCertificates.Cluster);
        var (_, others) = await RunAsync(environment, "--data", folder.Path, "--cluster-name", "other");

        Assert.Equal(level, Assert.Single(findings, f => f.Check is "certificates" && f.Says.Contains("edge-1.crt ends", StringComparison.Ordinal)).Level);
        Assert.Contains(others, f => f is { Check: "certificates", Level: "error" } && f.Says.Contains("of cluster 'sealed', wanted is 'other'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_account_is_written_to_and_its_clock_is_compared_and_one_that_is_away_is_told_without_its_key()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        using var folder = new TemporaryFolder();
        var account = await AzuriteProcess.StartAsync();
        var connection = account.ConnectionString();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__STORAGE"] = $"azure:{connection}", ["SLUICE__CLUSTER"] = "azure" };

        var (code, there) = await RunAsync(environment, "--data", folder.Path);
        await account.DisposeAsync();
        var (failed, away) = await RunAsync(environment, "--data", folder.Path);

        Assert.Equal(0, code);
        Assert.Contains(there, f => f is { Check: "storage", Level: "ok" });
        Assert.Contains(there, f => f is { Check: "clocks", Level: "ok" });
        Assert.Contains(there, f => f is { Check: "root-key", Level: "warn" });
        Assert.Equal(1, failed);
        var storage = Assert.Single(away, f => f.Check is "storage");
        Assert.Equal("error", storage.Level);
        Assert.DoesNotContain("Key=", storage.Says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_reads_a_line_a_finding_and_what_to_do_below_it()
    {
        using var folder = new TemporaryFolder();

        var (code, output, _) = await SluiceProcess.CommandAsync(["doctor", "--data", folder.Path]);

        Assert.Equal(0, code);
        Assert.Contains("ok     settings", output, StringComparison.Ordinal);
        Assert.Contains("warn   cluster", output, StringComparison.Ordinal);
        Assert.Contains("→ set SLUICE_ADMIN_KEY", output, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Cluster(Uri admin, string key) =>
        new(StringComparer.Ordinal) { ["SLUICE_ADMIN_URL"] = admin.AbsoluteUri, ["SLUICE_ADMIN_KEY"] = key };

    private static async Task<(int Code, Finding[] Findings)> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var (code, output, errors) = await SluiceProcess.CommandAsync(["doctor", "--json", .. arguments], environment);
        Assert.True(output.StartsWith('{'), $"{code} {output}{errors}");
        return (code, JsonSerializer.Deserialize<JsonElement>(output).GetProperty("findings").Deserialize<Finding[]>(JsonSerializerOptions.Web)!);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private sealed record Finding(string Check, string Level, string Says, string? Remedy);
}
