using System.Net;
using System.Net.Quic;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.Monitoring;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http3;

/// <summary>What is particular to HTTP/3; what it has in common with the other versions is asked over all of them in <c>Tls</c>.</summary>
[Collection(Http3Gateway.Name)]
[SupportedOSPlatform("linux")]
public sealed class Http3Tests(Http3Gateway shared)
{
    private const int BodySize = 8 * 1024 * 1024;
    private readonly string _name = $"q{Guid.NewGuid():n}"[..12];

    private string Host => $"{_name}.test";

    [Fact]
    public async Task A_request_without_a_body_reaches_the_service_without_one()
    {
        await using var upstream = await Upstream.StartAsync("served");
        using var client = await RoutedAsync(upstream);

        Assert.Equal("served", await client.GetStringAsync($"{_name}/x?a=b"));

        var received = Assert.Single(upstream.Requests);
        Assert.Equal(("GET", $"/{_name}/x?a=b", "https", "127.0.0.1", Host), (received.Method, received.Target, received.Headers["X-Forwarded-Proto"], received.Headers["X-Forwarded-For"], received.Headers["X-Forwarded-Host"]));
        Assert.False(received.Headers.ContainsKey("Transfer-Encoding") || received.Headers.ContainsKey("Content-Length"), string.Join(", ", received.Headers.Keys));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_body_comes_whole_both_ways(bool tellsLength)
    {
        await using var upstream = await Upstream.StartAsync((http, received) => http.Response.Body.WriteAsync(received.Body).AsTask());
        using var client = await RoutedAsync(upstream);
        var body = RandomNumberGenerator.GetBytes(BodySize);
        using var content = new StreamContent(new MemoryStream(body));
        content.Headers.ContentLength = tellsLength ? BodySize : null;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_name}/x") { Content = content, Version = HttpVersion.Version30, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TransferEncodingChunked = tellsLength ? null : true;

        using var answer = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version30), (answer.StatusCode, answer.Version));
        Assert.Equal(SHA256.HashData(body), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(BodySize, Assert.Single(upstream.Requests).Body.Length);
    }

    [Fact]
    public async Task What_a_service_writes_comes_as_it_is_written()
    {
        var goOn = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            await http.Response.WriteAsync("first,");
            await http.Response.Body.FlushAsync();
            await goOn.Task;
            await http.Response.WriteAsync("last");
        });
        using var client = await RoutedAsync(upstream);

        using var answer = await client.GetAsync($"{_name}/x", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var first = new byte[6];
        await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        goOn.SetResult();
        using var rest = new StreamReader(stream);

        Assert.Equal("first,"u8.ToArray(), first);
        Assert.Equal("last", await rest.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task Clients_that_come_over_TCP_are_told_where_it_is_by_the_edge_alone(int major, int minor)
    {
        await using var upstream = await Upstream.StartAsync((http, _) =>
        {
            http.Response.Headers.AltSvc = "h3=\":1\"";
            return http.Response.WriteAsync("served");
        });
        using var over3 = await RoutedAsync(upstream);
        using var client = shared.Tls.Client(Host, new Version(major, minor));

        Assert.Equal($"h3=\":{shared.Tls.Https}\"", await ToldAsync(client, $"{_name}/x"));
        Assert.Equal($"h3=\":{shared.Tls.Https}\"", await ToldAsync(client, "v1/models"));
        Assert.Null(await ToldAsync(over3, $"{_name}/x"));
        using var clear = shared.Gateway.Client();
        clear.DefaultRequestHeaders.Host = Host;
        Assert.Null(await ToldAsync(clear, $"{_name}/x"));
    }

    [Fact]
    public async Task A_new_certificate_serves_new_handshakes_when_the_publish_returns_and_open_connections_live_on()
    {
        var first = shared.Tls.Authority.Issue([Host]);
        await shared.Gateway.Admin.ApplyAsync(first.Bundle(_name));
        await using var open = await QuicPeer.ConnectAsync(shared.Tls, Host);
        Assert.Equal("401", await open.AskAsync(Request("/v1/models")));

        var second = shared.Tls.Authority.Issue([Host]);
        await shared.Gateway.Admin.ApplyAsync(second.Bundle(_name));

        await using var renewed = await QuicPeer.ConnectAsync(shared.Tls, Host);
        Assert.Equal((first.Thumbprint, second.Thumbprint), (open.Shown, renewed.Shown));
        Assert.Equal("401", await open.AskAsync(Request("/v1/models")));
        Assert.Equal("401", await renewed.AskAsync(Request("/v1/models")));
    }

    [Fact]
    public async Task A_name_that_no_certificate_is_for_is_refused_and_counted()
    {
        var ops = new Uri($"http://127.0.0.1:{shared.Tls.Ops}");
        var before = (await Scrape.OfAsync(ops)).Value("sluice_edge_tls_handshakes_total", "outcome=\"unknown-name\"") ?? 0;

        var refused = await Record.ExceptionAsync(() => QuicPeer.ConnectAsync(shared.Tls, $"nobody.{Host}"));

        Assert.True(refused is AuthenticationException or QuicException, refused?.ToString());
        Assert.Equal(before + 1, (await Scrape.OfAsync(ops)).Value("sluice_edge_tls_handshakes_total", "outcome=\"unknown-name\""));
    }

    private (string, string)[] Request(string path) => [(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", Host)];

    private async Task<HttpClient> RoutedAsync(Upstream upstream)
    {
        await shared.Gateway.Admin.ApplyAsync($$"""
            {{shared.Tls.Authority.Issue([Host]).Bundle(_name)}}
            ---
            { kind: Upstream, name: {{_name}}, addresses: ["{{upstream.Address}}"] }
            ---
            { kind: Route, name: {{_name}}, match: { path: "/{{_name}}/{**rest}" }, split: [{ upstream: {{_name}} }] }
            """);
        return shared.Tls.Client(Host, HttpVersion.Version30);
    }

    private static async Task<string?> ToldAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.Headers.NonValidated.TryGetValues("alt-svc", out var values) ? values.ToString() : null;
    }
}
