using System.ComponentModel;
using System.Diagnostics;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary><c>sluice pki</c>, as operators run it.</summary>
public sealed class PkiTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Pki => Path.Combine(_folder.Path, "pki");

    [Fact]
    public async Task Files_are_for_their_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have no mode here");
        var certificates = await ClusterCertificates.CreateAsync(Pki);
        await certificates.IssueAsync("edge", "edge-1");

        Assert.All(Directory.GetFiles(Pki), file => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) is (UnixFileMode.UserRead | UnixFileMode.UserWrite), file));
        Assert.Equal(4, Directory.GetFiles(Pki).Length);
    }

    [Fact]
    public async Task An_authority_is_never_overwritten()
    {
        await ClusterCertificates.CreateAsync(Pki);
        var before = await File.ReadAllTextAsync(Path.Combine(Pki, "ca.key"));

        var (code, _, errors) = await HostedSluice.CommandAsync(["pki", "init", "--out", Pki]);

        Assert.Equal(2, code);
        Assert.Contains("nothing is overwritten", errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(Pki, "ca.key")));
    }

    [Fact]
    public async Task The_authoritys_key_may_be_kept_elsewhere()
    {
        await ClusterCertificates.CreateAsync(Pki);
        var elsewhere = Path.Combine(_folder.Path, "away.key");
        File.Move(Path.Combine(Pki, "ca.key"), elsewhere);

        var (code, output, _) = await HostedSluice.CommandAsync(["pki", "issue", "--role", "silo", "--name", "silo-1", "--ca-key", elsewhere, "--out", Pki]);

        Assert.Equal(0, code);
        Assert.Contains("SLUICE__TLS__KEY=", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_tells_the_role()
    {
        var certificates = await ClusterCertificates.CreateAsync(Pki);
        var files = await certificates.IssueAsync("edge", "edge-1");

        var (_, output, _) = await HostedSluice.CommandAsync(["pki", "show", files.Certificate!]);

        Assert.Contains("spiffe://sealed/edge", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSSL_verifies_what_was_issued()
    {
        var certificates = await ClusterCertificates.CreateAsync(Pki);
        var files = await certificates.IssueAsync("edge", "edge-1");
        var verified = await OpenSslAsync("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", files.Ca!, files.Certificate!);
        var text = await OpenSslAsync("x509", "-noout", "-text", "-in", files.Certificate!);

        Assert.Contains("edge-1.crt: OK", verified, StringComparison.Ordinal);
        Assert.Contains("URI:spiffe://sealed/edge", text, StringComparison.Ordinal);
        Assert.Contains("CA:FALSE", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_fills_a_folder_for_each_process_and_keeps_what_is_good()
    {
        string[] arguments = ["pki", "init", "--cluster-name", ClusterCertificates.Cluster, "--out", Pki, "--silo", "silo-1", "--edge", "edge-1", "--keep"];
        var (code, _, errors) = await HostedSluice.CommandAsync(arguments);
        Assert.True(code is 0, errors);
        string[] files = [.. Directory.GetFiles(Path.Combine(Pki, "silo-1")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        Assert.Equal(["ca.crt", "tls.crt", "tls.key"], files);
        var before = await File.ReadAllTextAsync(Path.Combine(Pki, "silo-1", "tls.crt"));
        await File.WriteAllTextAsync(Path.Combine(Pki, "edge-1", "tls.crt"), "cut off");

        var (again, output, _) = await HostedSluice.CommandAsync(arguments);

        Assert.Equal(0, again);
        Assert.Contains("spiffe://sealed/silo, kept", output, StringComparison.Ordinal);
        Assert.Contains("spiffe://sealed/edge, valid until", output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(Pki, "silo-1", "tls.crt")));
        Assert.StartsWith("-----BEGIN CERTIFICATE", await File.ReadAllTextAsync(Path.Combine(Pki, "edge-1", "tls.crt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_overwrites_nothing_unless_told_what_to_keep()
    {
        Directory.CreateDirectory(Path.Combine(Pki, "silo-1"));
        await File.WriteAllTextAsync(Path.Combine(Pki, "silo-1", "tls.key"), "mine");

        var (code, _, errors) = await HostedSluice.CommandAsync(["pki", "init", "--out", Pki, "--silo", "silo-1"]);

        Assert.Equal(2, code);
        Assert.Contains("nothing is overwritten", errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Pki, "silo-1", "tls.key")));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> OpenSslAsync(params string[] arguments)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("openssl", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("openssl is not on this machine");
            throw;
        }

        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output + await errors;
        }
    }
}
