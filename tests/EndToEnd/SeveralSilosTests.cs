using System.Globalization;
using System.Net.Http.Headers;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>Silos that are processes of one machine and share a data folder.</summary>
public sealed class SeveralSilosTests
{
    [Fact]
    public async Task Silos_that_start_at_once_on_a_new_folder_are_one_cluster_and_one_of_them_prints_the_keys()
    {
        using var folder = new TemporaryFolder();
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SluiceProcess.StartAsync(Silo(folder.Path))));
        try
        {
            var key = Assert.Single(silos, s => s.Line.AdminKey is not null).Line.AdminKey!;
            using var first = new AdminApi(silos[0].Admin, key);
            var revision = await first.ApplyAsync(Upstream(1));
            foreach (var silo in silos)
            {
                using var admin = new AdminApi(silo.Admin, key);
                Assert.Equal(revision, (await admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("revision").GetInt64());
            }

            using var keys = new AdminApi(silos[0].Admin, key);
            Assert.Single((await keys.GetAsync("tenants/default/keys")).GetProperty("items").EnumerateArray(), k => !k.TryGetProperty("revokedAt", out var revoked) || revoked.ValueKind is System.Text.Json.JsonValueKind.Null);
        }
        finally
        {
            await Task.WhenAll(silos.Select(async s => await s.DisposeAsync()));
        }
    }

    [Fact]
    public async Task Changes_go_on_and_reach_the_edge_after_any_one_silo_was_killed()
    {
        using var folder = new TemporaryFolder();
        var first = await SluiceProcess.StartAsync(Silo(folder.Path));
        await using var second = await SluiceProcess.StartAsync(Silo(folder.Path));
        await using var edge = await SluiceProcess.StartAsync(["edge", "--http", "0", "--ops", "0", "--listen", "127.0.0.1", "--data", folder.Path]);
        await using var third = await SluiceProcess.StartAsync(Silo(folder.Path));
        using var admin = new AdminApi(second.Admin, first.Line.AdminKey!);
        using var client = new HttpClient { BaseAddress = edge.Edge };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", first.Line.TenantKey);

        await first.KillAsync();
        await first.DisposeAsync();

        var revision = 0L;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    revision = await admin.ApplyAsync(Upstream(2));
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "a change is applied",
            TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/v1/models");
                return Gateway.RevisionOf(answer) >= revision;
            },
            "the edge follows through another gateway",
            TimeSpan.FromSeconds(60));
    }

    private static string Upstream(int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        kind: Upstream
        name: there
        addresses: ["http://127.0.0.1:{{port}}"]
        """);

    private static string[] Silo(string data) => ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", data];
}
