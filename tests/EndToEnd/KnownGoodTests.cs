using System.Globalization;
using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>An edge that starts while no silo answers begins with what it kept on its disk.</summary>
public sealed class KnownGoodTests : IDisposable
{
    private readonly int _gatewayPort = Ports.Free();
    private readonly TemporaryFolder _folder = new();

    private string Kept => Path.Combine(_folder.Path, "kept");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_serves_what_it_kept_as_stale_and_the_head_once_a_silo_is_back()
    {
        await using var upstream = await Upstream.StartAsync("from the upstream");
        var silo = await SluiceProcess.StartAsync(Silo());
        var adminKey = silo.Line.AdminKey!;
        long revision;
        await using (var edge = await SluiceProcess.StartAsync(Edge()))
        using (var admin = new AdminApi(silo.Admin, adminKey))
        {
            revision = await admin.ApplyAsync(Route(upstream, "/there"));
            await Eventually.TrueAsync(
                () => Task.FromResult(Directory.GetFiles(Kept, string.Create(CultureInfo.InvariantCulture, $"*{revision:d19}.sealed")).Length == 1), "the edge keeps what it runs");
            await edge.KillAsync();
        }

        await silo.KillAsync();
        await silo.DisposeAsync();

        await using var again = await SluiceProcess.StartAsync(Edge());
        using var client = new HttpClient { BaseAddress = again.Edge, Timeout = TimeSpan.FromSeconds(30) };
        using (var answer = await client.GetAsync("/there"))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("from the upstream", await answer.Content.ReadAsStringAsync());
            Assert.Equal(revision, Gateway.RevisionOf(answer));
            Assert.Equal("true", Assert.Single(answer.Headers.GetValues("sluice-stale")));
        }

        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions"))
        {
            // Nobody can tell whether a key still holds.
            request.Headers.Authorization = new("Bearer", silo.Line.TenantKey);
            request.Content = Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}""");
            using var refused = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await using var back = await SluiceProcess.StartAsync(Silo());
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/there");
                return answer.StatusCode == HttpStatusCode.OK && !answer.Headers.Contains("sluice-stale");
            },
            "the silo confirms it",
            TimeSpan.FromSeconds(60));
        using var api = new AdminApi(back.Admin, adminKey);
        var next = await api.ApplyAsync(Route(upstream, "/elsewhere"));
        using var moved = await client.GetAsync("/elsewhere");
        Assert.Equal((HttpStatusCode.OK, next), (moved.StatusCode, Gateway.RevisionOf(moved)));
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task What_was_altered_is_neither_served_nor_a_reason_to_end()
    {
        await using (var silo = await SluiceProcess.StartAsync(Silo()))
        await using (var edge = await SluiceProcess.StartAsync(Edge()))
        {
            await Eventually.TrueAsync(() => Task.FromResult(Directory.Exists(Kept) && Directory.GetFiles(Kept, "*.sealed").Length > 0), "the edge keeps what it runs");
            await edge.KillAsync();
        }

        foreach (var file in Directory.GetFiles(Kept, "*.sealed"))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[^1] ^= 1;
            File.WriteAllBytes(file, bytes);
        }

        var ops = Ports.Free();
        await using var alone = SluiceProcess.Begin(Edge(ops));
        using var client = new HttpClient { BaseAddress = new Uri(FormattableString.Invariant($"http://127.0.0.1:{ops}")), Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.TrueAsync(async () => await StatusAsync(client, "/healthz/live") == HttpStatusCode.OK, "it lives");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/healthz/ready"));

        await alone.LoggedAsync("passed over");
        await using var back = await SluiceProcess.StartAsync(Silo());
        await Eventually.TrueAsync(async () => await StatusAsync(client, "/healthz/ready") == HttpStatusCode.OK, "it is ready once a silo answers", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_revision_in_whose_first_seconds_it_died_twice_is_not_run_again()
    {
        await using var upstream = await Upstream.StartAsync("from the upstream");
        await using var silo = await SluiceProcess.StartAsync(Silo());
        using var admin = new AdminApi(silo.Admin, silo.Line.AdminKey!);
        var good = await admin.ApplyAsync(Route(upstream, "/good"));
        await using (var edge = await SluiceProcess.StartAsync(Edge()))
        {
            // A good end: nothing is said against what ran.
            await Eventually.TrueAsync(() => Task.FromResult(Directory.Exists(Kept) && Directory.GetFiles(Kept, "*.sealed").Length > 0), "the edge keeps what it runs");
            Assert.Equal(0, await edge.StopAsync());
        }

        var deadly = await admin.ApplyAsync(Route(upstream, "/deadly"));
        for (var death = 0; death < 2; death++)
        {
            await using var edge = await SluiceProcess.StartAsync(Edge());
            using var client = new HttpClient { BaseAddress = edge.Edge };
            await Eventually.TrueAsync(async () => await StatusAsync(client, "/deadly") == HttpStatusCode.OK, "it runs the new revision", TimeSpan.FromSeconds(30));
            await edge.KillAsync();
        }

        await using var last = await SluiceProcess.StartAsync(Edge());
        using var served = new HttpClient { BaseAddress = last.Edge };
        using (var answer = await served.GetAsync("/good"))
        {
            Assert.Equal((HttpStatusCode.OK, good), (answer.StatusCode, Gateway.RevisionOf(answer)));
            Assert.True(answer.Headers.Contains("sluice-stale"));
        }

        await Eventually.TrueAsync(async () => (await admin.GetAsync("edges")).GetRawText().Contains("died 2 times", StringComparison.Ordinal), "the operator reads why");
        var next = await admin.ApplyAsync(Route(upstream, "/mended"));
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await served.GetAsync("/mended");
                return answer.StatusCode == HttpStatusCode.OK && Gateway.RevisionOf(answer) == next && !answer.Headers.Contains("sluice-stale");
            },
            "a mended revision is run",
            TimeSpan.FromSeconds(30));

        // What an edge will not run is activated nowhere: neither now nor when it is tried again.
        for (var tries = 0; tries < 2; tries++)
        {
            var (status, problem) = await admin.SendAsync(HttpMethod.Post, "rollback", FormattableString.Invariant($"{{\"to\": {deadly}}}"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.EndsWith("refused-by-edge", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
            using var unchanged = await served.GetAsync("/mended");
            Assert.Equal((HttpStatusCode.OK, next), (unchanged.StatusCode, Gateway.RevisionOf(unchanged)));
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        try
        {
            using var answer = await client.GetAsync(path);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return default;
        }
    }

    private static string Route(Upstream upstream, string path) => $$"""
        kind: Upstream
        name: there
        addresses: ["{{upstream.Address}}"]
        ---
        kind: Route
        name: there
        match: { path: {{path}} }
        split: [{ upstream: there }]
        """;

    private string[] Silo() =>
        ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", Port, "--cluster-name", $"test-{Port}", "--data", _folder.Path];

    private string[] Edge(int ops = 0) =>
        ["edge", "--http", "0", "--ops", ops.ToString(CultureInfo.InvariantCulture), "--listen", "127.0.0.1", "--gateway-port", Port, "--cluster-name", $"test-{Port}", "--data", _folder.Path, "--known-good", Kept];

    private string Port => _gatewayPort.ToString(CultureInfo.InvariantCulture);
}
