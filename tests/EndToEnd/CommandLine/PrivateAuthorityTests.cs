using Sluice.Tests.EndToEnd.Security;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary>Commands that speak to an admin API whose certificate is of a private CA.</summary>
public sealed class PrivateAuthorityTests
{
    [Fact]
    public async Task Only_the_CA_that_was_named_is_trusted_and_only_for_its_host()
    {
        using var folder = new TemporaryFolder();
        var certificates = await ClusterCertificates.CreateAsync(Path.Combine(folder.Path, "pki"));
        var other = await ClusterCertificates.CreateAsync(Path.Combine(folder.Path, "other"));
        var files = await certificates.IssueAsync("silo", "admin", ClusterCertificates.Cluster, "127.0.0.1");
        await using var silo = await SluiceProcess.StartAsync(
            ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", Path.Combine(folder.Path, "data")],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__ADMINCERTIFICATE"] = files.Certificate!, ["SLUICE__ADMINKEY"] = files.Key! });

        Task<(int Code, string Output, string Errors)> RunAsync(string? authority, Uri? url = null, params string[] more)
        {
            var environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["SLUICE_ADMIN_URL"] = (url ?? silo.Admin).AbsoluteUri, ["SLUICE_ADMIN_KEY"] = silo.Line.AdminKey!,
            };
            if (authority is not null)
            {
                environment["SLUICE_ADMIN_CA"] = authority;
            }

            return SluiceProcess.CommandAsync(["history", .. more], environment);
        }

        Assert.Equal("https", silo.Admin.Scheme);
        Assert.Equal(0, (await RunAsync(files.Ca)).Code);
        Assert.Equal(0, (await RunAsync(null, null, "--ca", files.Ca!)).Code);
        foreach (var refused in new[]
        {
            await RunAsync(null),
            await RunAsync(other.Files("any").Ca),
            await RunAsync(files.Ca, new UriBuilder(silo.Admin) { Host = "localhost" }.Uri),
        })
        {
            Assert.Equal(1, refused.Code);
            Assert.Contains("is not trusted", refused.Errors, StringComparison.Ordinal);
            Assert.Contains("SLUICE_ADMIN_CA", refused.Errors, StringComparison.Ordinal);
        }

        var missing = await RunAsync(Path.Combine(folder.Path, "nowhere.crt"));
        Assert.Equal(2, missing.Code);
        Assert.Contains("nowhere.crt' cannot be read", missing.Errors, StringComparison.Ordinal);
    }
}
