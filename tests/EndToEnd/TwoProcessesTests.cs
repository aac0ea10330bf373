using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>Silo and edge apart, the edge being a client of the silo.</summary>
public sealed class TwoProcessesTests
{
    private readonly int _gatewayPort = Ports.Free();

    [Fact]
    public async Task An_edge_of_its_own_serves_follows_and_refuses_what_was_revoked()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SluiceProcess.StartAsync(Silo(folder.Path));
        await using var edge = await SluiceProcess.StartAsync(Edge());
        using var admin = new AdminApi(silo.Admin, silo.Line.AdminKey!);
        await using var upstream = await Upstream.StartAsync("from the upstream");
        var (id, key) = await admin.CreateTenantAsync("acme");
        using var client = Client(edge, key);

        Assert.Equal(HttpStatusCode.OK, await ChatAsync(client));
        var revision = await admin.ApplyAsync(upstream.Bundle);
        await Eventually.TrueAsync(async () => (await GetAsync(client, "/there")).Revision == revision, "the edge follows");
        Assert.Equal("from the upstream", await client.GetStringAsync("/there"));
        await admin.DeleteAsync($"tenants/acme/keys/{id}");
        await Eventually.TrueAsync(async () => await ChatAsync(client) == HttpStatusCode.Unauthorized, "the edge refuses the revoked key");
        Assert.Equal(0, await edge.StopAsync());
        Assert.Equal(0, await silo.StopAsync());
    }

    [Fact]
    public async Task An_edge_goes_on_without_its_silo_and_follows_again_when_it_is_back()
    {
        using var folder = new TemporaryFolder();
        var silo = await SluiceProcess.StartAsync(Silo(folder.Path));
        await using var edge = await SluiceProcess.StartAsync(Edge());
        var adminKey = silo.Line.AdminKey!;
        await using var upstream = await Upstream.StartAsync("from the upstream");
        using var anonymous = Client(edge, "");
        using (var admin = new AdminApi(silo.Admin, adminKey))
        {
            var revision = await admin.ApplyAsync(upstream.Bundle);
            await Eventually.TrueAsync(async () => (await GetAsync(anonymous, "/there")).Revision == revision, "the edge follows");
        }

        await silo.KillAsync();
        await silo.DisposeAsync();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(anonymous, "/there")).Status);

        await using var back = await SluiceProcess.StartAsync(Silo(folder.Path));
        using var again = new AdminApi(back.Admin, adminKey);
        var next = await again.ApplyAsync(upstream.Bundle.Replace("/there", "/elsewhere", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await GetAsync(anonymous, "/elsewhere")) is { Status: HttpStatusCode.OK } answer && answer.Revision == next, "the edge follows again", TimeSpan.FromSeconds(60));
    }

    private static HttpClient Client(SluiceProcess edge, string key)
    {
        var client = new HttpClient { BaseAddress = edge.Edge, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = key.Length > 0 ? new AuthenticationHeaderValue("Bearer", key) : null;
        return client;
    }

    private static async Task<HttpStatusCode> ChatAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}"""));
        return answer.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, long Revision)> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return (answer.StatusCode, Gateway.RevisionOf(answer));
    }

    private string[] Silo(string data) =>
        ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", Text(_gatewayPort), "--cluster-name", $"test-{Text(_gatewayPort)}", "--data", data];

    private string[] Edge() =>
        ["edge", "--http", "0", "--ops", "0", "--listen", "127.0.0.1", "--gateway-port", Text(_gatewayPort), "--cluster-name", $"test-{Text(_gatewayPort)}"];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
