using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metrics;
using Sluice.Grains.Acme;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;
using Sluice.Grains.Webhooks;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary><c>/metrics</c> of silo and edge, as Prometheus reads them.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _ops = Ports.Free();
    private SluiceProcess _process = null!;
    private AdminApi _admin = null!;

    private Uri Ops => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ops}"));

    public async ValueTask InitializeAsync()
    {
        _process = await SluiceProcess.StartAsync(
            ["up", "--http", "0", "--admin", "0", "--ops", _ops.ToString(CultureInfo.InvariantCulture), "--silo-port", "0", "--gateway-port", "0", "--listen", "127.0.0.1", "--data", Path.Combine(_folder.Path, "data")],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__METRICS__RELOADAUTHORS"] = "5" });
        _admin = new AdminApi(_process.Admin, _process.Line.AdminKey!);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_declared_metric_is_told_by_its_process_and_none_by_the_other()
    {
        await TrafficAsync();
        await SplitAsync();
        await _admin.ApplyAsync("""
            { kind: CertificateAuthority, name: metered, directory: "https://127.0.0.1:1/directory" }
            ---
            { kind: Certificate, name: metered-never, hosts: [never.metered.test], authority: metered }
            """);
        await Eventually.TrueAsync(async () => (await SiloAsync()).Value("sluice_certificates_attempts", "certificate=\"metered-never\"") > 0, "the certificate is not obtained");
        var (edge, silo) = (await EdgeAsync(), await SiloAsync());

        Assert.Empty(EdgeMetrics.All.Where(m => !Has(edge, m)).Select(m => m.Name));
        Assert.Empty(ReloadMetrics.All.Concat(WebhookMetrics.All).Concat(AcmeMetrics.All).Where(m => !Has(silo, m)).Select(m => m.Name));
        Assert.DoesNotContain("sluice_reload", edge.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sluice_edge", silo.Text, StringComparison.Ordinal);
        Assert.Empty(edge.Text.Split('\n').Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).GroupBy(l => l, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_the_text()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        await TrafficAsync();

        foreach (var scrape in new[] { await EdgeAsync(), await SiloAsync() })
        {
            Assert.Equal("", await Promtool.FaultAsync(_folder.Path, string.Concat(scrape.Text.Split('\n').Where(l => !OfOthers(l)).Select(l => $"{l}\n")), "check", "metrics"));

            // .NET's and Orleans' own names are not as promtool would have them; that it reads them is enough.
            var whole = await Promtool.FaultAsync(_folder.Path, scrape.Text, "check", "metrics");
            Assert.True(whole.Length == 0 || whole.Contains("ended with 3", StringComparison.Ordinal), whole);
        }

        static bool OfOthers(string line) => line.Replace("# HELP ", "", StringComparison.Ordinal).Replace("# TYPE ", "", StringComparison.Ordinal).Replace("# UNIT ", "", StringComparison.Ordinal) is var name
            && (name.StartsWith("dotnet_", StringComparison.Ordinal) || name.StartsWith("orleans_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silos_metrics_want_a_viewers_key_and_hold_no_secret()
    {
        using var http = new HttpClient { BaseAddress = _process.Admin };
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/metrics", TestContext.Current.CancellationToken)).StatusCode);
        var viewer = (await _admin.PostAsync("admin-keys", new { name = "prometheus", role = "viewer" })).GetProperty("key").GetString()!;
        await TrafficAsync();

        var silo = await Scrape.OfAsync(_process.Admin, viewer);

        Assert.NotNull(silo.Value("sluice_reload_revision"));
        Assert.DoesNotContain("slc_", silo.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("slc_", (await EdgeAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishes_are_counted_by_what_became_of_them_and_by_their_way_in()
    {
        var before = await SiloAsync();
        var revision = await _admin.ApplyAsync(Bundle("http://127.0.0.1:9101"));
        await _admin.ApplyAsync(Bundle("http://127.0.0.1:9101"));
        await _admin.SendAsync(HttpMethod.Post, "apply", "kind: Upstream\nname: metered", "application/yaml");
        await _admin.SendAsync(HttpMethod.Post, "apply", Bundle("http://127.0.0.1:9102"), "application/yaml", ifMatch: "1");
        await _admin.SendAsync(HttpMethod.Post, "apply?dryRun=true", Bundle("http://127.0.0.1:9103"), "application/yaml");
        await _admin.PostAsync("rollback", new { to = revision - 1 });

        var after = await SiloAsync();

        Assert.Equal((1, 1, 1, 1), (More("committed", "api"), More("unchanged", "api"), More("check", "api"), More("conflict", "api")));
        Assert.Equal((1, 0, 0), (More("committed", "rollback"), More("failed", "api"), More("partial", "api")));
        Assert.Equal((1, 0), (after.Value("sluice_reload_authors_total", "author=\"bootstrap\"", "outcome=\"conflict\""), after.Value("sluice_reload_authors_total", "author=\"other\"", "outcome=\"conflict\"")));
        Assert.Equal(2, after.Value("sluice_reload_phase_duration_seconds_count", "phase=\"barrier\"") - (before.Value("sluice_reload_phase_duration_seconds_count", "phase=\"barrier\"") ?? 0));
        await Eventually.TrueAsync(
            async () => await SiloAsync() is var silo && (silo.Value("sluice_reload_audit_entries"), silo.Value("sluice_reload_edges"), silo.Value("sluice_reload_edges_behind")) == (revision + 1, 1, 0),
            "the audit has each revision, and the edge is not behind");

        double? More(string outcome, string via) => Count(after, outcome, via) - Count(before, outcome, via);
        static double? Count(Scrape scrape, string outcome, string via) => scrape.Value("sluice_reload_publishes_total", $"outcome=\"{outcome}\"", $"via=\"{via}\"");
    }

    [Fact]
    public async Task Requests_are_counted_by_their_status_class()
    {
        var before = await EdgeAsync();
        await TrafficAsync();
        using var http = new HttpClient { BaseAddress = _process.Edge };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/nowhere", TestContext.Current.CancellationToken)).StatusCode);

        await Eventually.TrueAsync(
            async () => await EdgeAsync() is var after && (More(after, "2xx"), More(after, "4xx"), More(after, "5xx")) == (1, 1, 0), "one request of each class is counted");

        double More(Scrape after, string outcome) => Count(after, outcome) - Count(before, outcome);
        static double Count(Scrape scrape, string outcome) => scrape.Value("sluice_edge_request_duration_seconds_count", $"outcome=\"{outcome}\"") ?? 0;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_is_cut_off_counts_as_broken_by_either_client(bool direct)
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            await http.Response.WriteAsync("begun", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await cut.Task.WaitAsync(http.RequestAborted);
            http.Abort();
        });
        await _admin.ApplyAsync($$"""
            {{Bundle(upstream.Address)}}
            ---
            kind: Route
            name: metered
            match: { path: /metered }
            split: [{ upstream: metered }]
            """);
        using var http = new HttpClient { BaseAddress = _process.Edge };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/metered") { Content = new StringContent("body") };
        request.Headers.TransferEncodingChunked = !direct;

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        cut.SetResult();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        await Eventually.TrueAsync(async () => Count(await EdgeAsync(), "broken") == 1, "the broken answer is counted");
        Assert.Equal(0, Count(await EdgeAsync(), "2xx"));

        static double Count(Scrape scrape, string outcome) => scrape.Value("sluice_edge_request_duration_seconds_count", $"outcome=\"{outcome}\"") ?? 0;
    }

    // The head of a metric is there as soon as it has a value.
    private static bool Has(Scrape scrape, Metric metric) => scrape.Text.Contains($"# TYPE {metric.PrometheusName} {metric.Shape.ToString().ToLowerInvariant()}\n", StringComparison.Ordinal);

    private const string Secret = "kind: Secret\nname: metered-key\nvalue: hidden";

    private static string Bundle(string address) => $"kind: Upstream\nname: metered\naddresses: [{address}]\n";

    private Task<Scrape> EdgeAsync() => Scrape.OfAsync(Ops);

    private Task<Scrape> SiloAsync() => Scrape.OfAsync(_process.Admin, _process.Line.AdminKey);

    [Fact]
    public async Task Uses_of_a_secret_are_counted_by_its_name_and_the_providers_and_its_value_is_not_told()
    {
        await using var provider = await Upstream.StartAsync("{}");
        await _admin.ApplyAsync($$"""
            {{Secret}}
            ---
            kind: Provider
            name: metered
            address: {{provider.Address}}
            credentials: [{ secret: metered-key }]
            ---
            kind: Model
            name: metered
            targets: [{ provider: metered, model: any }]
            """);
        Assert.Equal(0, Uses(await EdgeAsync()));
        using var client = new HttpClient { BaseAddress = _process.Edge };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _process.Line.TenantKey);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, "metered")).Status);
        }

        var edge = await EdgeAsync();
        Assert.Equal(3, Uses(edge));
        Assert.DoesNotContain("hidden", edge.Text, StringComparison.Ordinal);

        static double? Uses(Scrape scrape) => scrape.Value("sluice_edge_secret_uses_total", "secret=\"metered-key\"", "provider=\"metered\"");
    }

    // One request and one revision, whose effect is known once the edge has told of it.
    // What is told of parts of splits is there with their first request.
    // A split, a cache and an upstream whose addresses are looked up: their metrics are there where they are declared.
    private async Task SplitAsync()
    {
        await _admin.ApplyAsync("""
            kind: Upstream
            name: metered-too
            addresses: [http://127.0.0.1:1]
            ---
            kind: Upstream
            name: metered-found
            timeouts: { connect: 100ms }
            discovery: { dns: { name: metered.invalid, port: 1 } }
            ---
            kind: Cache
            name: metered
            ---
            kind: Route
            name: metered-split
            match: { path: /split }
            cache: metered
            split: [{ upstream: metered }, { upstream: metered-too }]
            ---
            kind: Route
            name: metered-found
            match: { path: /found }
            split: [{ upstream: metered-found }]
            """);
        using var client = new HttpClient { BaseAddress = _process.Edge };
        await client.GetAsync("/split", TestContext.Current.CancellationToken);
        await client.GetAsync("/found", TestContext.Current.CancellationToken);
    }

    private async Task TrafficAsync()
    {
        using var authority = new TestAuthority();
        await _admin.ApplyAsync(authority.Issue(["metered.test"]).Bundle("metered-host"));
        var revision = await _admin.ApplyAsync(
            $"{Bundle(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"))}---\n{Secret}\n---\nkind: Provider\nname: metered\naddress: http://127.0.0.1:1\ncredentials: [{{ secret: metered-key }}]");
        using var client = new HttpClient { BaseAddress = _process.Edge };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _process.Line.TenantKey);
        (await client.GetAsync("/v1/models", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(
            async () => (await _admin.SendAsync(HttpMethod.Get, FormattableString.Invariant($"revisions/{revision}/effect"), null)).Body is { ValueKind: JsonValueKind.Object } body
                && body.TryGetProperty("after", out var after) && after.GetProperty("requests").GetInt64() > 0,
            "the effect of the revision is told");
    }
}
