using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Sluice.Tests.EndToEnd.Monitoring;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

public sealed class CertificateTests(TlsGateway tls) : IClassFixture<TlsGateway>
{
    private Gateway Gateway => tls.Gateway;

    [Fact]
    public async Task Each_name_gets_its_certificate_and_one_that_is_not_declared_none()
    {
        var exact = tls.Authority.Issue(["one.names.test"]);
        var wild = tls.Authority.Issue(["*.names.test", "names.test"]);
        var standard = tls.Authority.Issue(["standard.test"], isRsa: true);
        await Gateway.Admin.ApplyAsync(string.Join("\n---\n", exact.Bundle("exact"), wild.Bundle("wild"), standard.Bundle("standard", "default: true")));

        Assert.Equal(exact.Thumbprint, await tls.ShownAsync("one.names.test"));
        Assert.Equal(wild.Thumbprint, await tls.ShownAsync("two.names.test"));
        Assert.Equal(wild.Thumbprint, await tls.ShownAsync("NAMES.test"));
        Assert.Equal(standard.Thumbprint, await tls.ShownAsync("", "standard.test"));
        var before = await HandshakesAsync("unknown-name");
        var refused = await Assert.ThrowsAsync<AuthenticationException>(() => tls.ConnectAsync("a.two.names.test"));
        Assert.Contains("UNRECOGNIZED_NAME", refused.ToString().ToUpperInvariant().Replace(' ', '_'), StringComparison.Ordinal);
        Assert.Equal(before + 1, await HandshakesAsync("unknown-name"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    public async Task Each_version_of_HTTP_is_spoken_over_TLS(int major, int minor)
    {
        var name = $"v{major}.versions.test";
        await using var upstream = await Upstream.StartAsync(name);
        await Gateway.Admin.ApplyAsync($$"""
            {{tls.Authority.Issue([name]).Bundle($"versions{major}")}}
            ---
            kind: Upstream
            name: versions{{major}}
            addresses: ["{{upstream.Address}}"]
            ---
            kind: Route
            name: versions{{major}}
            match: { hosts: [{{name}}], path: "/echo/{**rest}" }
            split: [{ upstream: versions{{major}} }]
            """);
        using var client = tls.Client(name, new Version(major, minor));

        using var got = await client.GetAsync("echo/get");
        Assert.Equal((name, new Version(major, minor)), (await got.Content.ReadAsStringAsync(), got.Version));

        // Without a length: chunks, or frames that say nothing of a body before it comes.
        using var posted = new HttpRequestMessage(HttpMethod.Post, "echo/post") { Content = new UnsizedContent("body of no told length"), Version = client.DefaultRequestVersion, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.SendAsync(posted);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var received = upstream.Requests.Last();
        Assert.Equal("body of no told length"u8.ToArray(), received.Body);
        Assert.Equal(("https", name), (received.Headers["X-Forwarded-Proto"], received.Headers["X-Forwarded-Host"]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_model_answers_and_streams_in_frames(int major)
    {
        var version = new Version(major, 0);
        await Gateway.Admin.ApplyAsync(tls.Authority.Issue(["models.test"]).Bundle("models"));
        using var client = tls.Client("models.test", version);
        client.DefaultRequestHeaders.Authorization = new("Bearer", Gateway.TenantKey);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var answer = await client.PostAsync("v1/chat/completions", Gateway.Json($$"""{"model":"sandbox","stream":{{(i % 2 == 0 ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}"""));
            return (answer.StatusCode, answer.Version, Body: await answer.Content.ReadAsStringAsync());
        }));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version)));
        Assert.Equal(10, answers.Count(a => a.Body.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_new_certificate_serves_new_handshakes_when_the_publish_returns_and_open_connections_live_on()
    {
        var first = tls.Authority.Issue(["renewed.test"]);
        await Gateway.Admin.ApplyAsync(first.Bundle("renewed"));
        using var open = tls.Client("renewed.test", HttpVersion.Version11);
        using var before = await open.GetAsync("v1/models");
        Assert.Equal(first.Thumbprint, await tls.ShownAsync("renewed.test"));

        var second = tls.Authority.Issue(["renewed.test"]);
        await Gateway.Admin.ApplyAsync(second.Bundle("renewed"));

        Assert.Equal(second.Thumbprint, await tls.ShownAsync("renewed.test"));
        using var after = await open.GetAsync("v1/models");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task What_cannot_serve_is_refused_by_field_and_what_ends_soon_is_warned_of()
    {
        var (one, two) = (tls.Authority.Issue(["refused.test"]), tls.Authority.Issue(["refused.test"]));
        var mixed = await ApplyAsync((one with { Key = two.Key }).Bundle("refused"));
        var ended = await ApplyAsync(tls.Authority.Issue(["refused.test"], ends: TimeSpan.FromDays(-1)).Bundle("refused"));
        var twice = await ApplyAsync($"{one.Bundle("refused")}\n---\n{two.Bundle("refused-too")}");
        var unsealed = await ApplyAsync("{ kind: Certificate, name: refused, chain: { secret: nowhere }, key: { secret: nowhere } }");

        Assert.Contains("Certificate/refused: key", mixed.Body, StringComparison.Ordinal);
        Assert.Contains("the certificate ended at ", ended.Body, StringComparison.Ordinal);
        Assert.Contains("is served by Certificate", twice.Body, StringComparison.Ordinal);
        Assert.Contains("there is no Secret", unsealed.Body, StringComparison.Ordinal);
        Assert.All([mixed, ended, twice, unsealed], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.Status));
        Assert.All([mixed, ended, twice], answer => Assert.DoesNotContain(one.Key.Split('\n')[1], answer.Body, StringComparison.Ordinal));

        var soon = tls.Authority.Issue(["soon.test"], begins: TimeSpan.FromDays(-80), ends: TimeSpan.FromDays(5.5));
        var warned = await ApplyAsync(soon.Bundle("soon"));
        Assert.Equal(HttpStatusCode.OK, warned.Status);
        var warning = Assert.Single(JsonDocument.Parse(warned.Body).RootElement.GetProperty("warnings").EnumerateArray());
        Assert.Equal("Certificate/soon: chain", warning.GetProperty("path").GetString());
        Assert.EndsWith("in 5 days: renew it", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(soon.Thumbprint, await tls.ShownAsync("soon.test"));
        var metrics = await Scrape.OfAsync(new Uri($"http://127.0.0.1:{tls.Ops}"));
        Assert.Equal(1, metrics.Value("sluice_edge_certificate_due", "certificate=\"soon\""));
        Assert.InRange(metrics.Value("sluice_edge_certificate_expires_seconds", "certificate=\"soon\"") ?? 0, 5 * 86_400, 6 * 86_400);
    }

    [Fact]
    public async Task Its_key_is_nowhere_to_be_read_and_the_command_line_shows_hosts_and_end()
    {
        var issued = tls.Authority.Issue(["shown.test", "www.shown.test"]);
        await Gateway.Admin.ApplyAsync(issued.Bundle("shown"));

        var secret = (await Gateway.Admin.GetAsync("secrets/shown-key")).ToString();
        var revision = (await Gateway.Admin.GetAsync("revisions?limit=1")).ToString();
        var (_, table, _) = await HostedSluice.CommandAsync(["get", "certificates", "--admin-url", Gateway.Sluice.Admin.AbsoluteUri, "--admin-key", Gateway.AdminKey]);
        var (_, doctor, _) = await HostedSluice.CommandAsync(["doctor", "--admin-url", Gateway.Sluice.Admin.AbsoluteUri, "--admin-key", Gateway.AdminKey, "--json"]);

        var line = issued.Key.Split('\n')[1];
        Assert.All([secret, revision, table, doctor], text => Assert.DoesNotContain(line, text, StringComparison.Ordinal));
        Assert.Contains("shown.test, www.shown.test", table, StringComparison.Ordinal);
        Assert.Contains(" days", table, StringComparison.Ordinal);
        Assert.Contains("certificates", doctor, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_makes_a_bundle_of_files()
    {
        var issued = tls.Authority.Issue(["example.test"]);
        using var folder = new TemporaryFolder();
        var (chain, key) = (Path.Combine(folder.Path, "chain.pem"), Path.Combine(folder.Path, "key.pem"));
        await File.WriteAllTextAsync(chain, issued.Chain);
        await File.WriteAllTextAsync(key, issued.Key);
        using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "docs", "examples", "certificate.sh"), "from-files", chain, key]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var bundle = await script.StandardOutput.ReadToEndAsync();

        var applied = await ApplyAsync(bundle);

        Assert.True(applied.Status is HttpStatusCode.OK, applied.Body);
        Assert.Equal(issued.Thumbprint, await tls.ShownAsync("example.test"));
    }

    private async Task<(HttpStatusCode Status, string Body)> ApplyAsync(string bundle)
    {
        var (status, body) = await Gateway.Admin.SendAsync(HttpMethod.Post, "apply", bundle, "application/yaml");
        return (status, body.ToString());
    }

    private async Task<double> HandshakesAsync(string outcome) =>
        (await Scrape.OfAsync(new Uri($"http://127.0.0.1:{tls.Ops}"))).Value("sluice_edge_tls_handshakes_total", $"outcome=\"{outcome}\"") ?? 0;

    private sealed class UnsizedContent(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
