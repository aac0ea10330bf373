using System.Net;
using System.Text;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Copies of requests for mirrors: HTTPRouteRequestMirror of the Gateway API's conformance suite, and what a mirror may never do.</summary>
public sealed class MirrorTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    private readonly string _name = $"m{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("GET", null, false)]
    [InlineData("POST", "what is sent", false)]
    [InlineData("POST", "what is sent", true)]
    [InlineData("DELETE", null, false)]
    public async Task A_mirror_is_sent_what_the_upstream_is_and_a_mark_and_the_client_sees_the_upstream_alone(string method, string? body, bool chunked)
    {
        await RouteAsync("a", "[{ upstream: b }, { upstream: c }]", "rewrite: { path: \"/v2/{id}\", host: shop.internal }\nrequestHeaders: { set: { x-set: \"{id}\" } }");
        using var client = echoing.Client();
        using var answer = await SendAsync(client, method, $"/{_name}/7?q=1", body, chunked);
        var told = await EchoingGateway.ToldAsync(answer);

        Assert.Equal("a", told.GetProperty("upstream").GetString());
        foreach (var mirror in new[] { "b", "c" })
        {
            var copy = await ReceivedAsync(echoing[mirror]);

            Assert.Equal(method, copy.Method);
            Assert.Equal("/v2/7?q=1", copy.Target);
            Assert.Equal(body ?? "", Encoding.UTF8.GetString(copy.Body));
            Assert.Equal("shop.internal", copy.Headers["host"]);
            Assert.Equal("7", copy.Headers["x-set"]);
            Assert.Equal("text", copy.Headers["x-client"]);
            Assert.Equal(_name, copy.Headers["sluice-mirror"]);
        }

        Assert.DoesNotContain(told.GetProperty("headers").EnumerateObject(), h => h.Name.Equals("sluice-mirror", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_mirror_is_sent_its_share()
    {
        const int Requests = 400;
        await RouteAsync("a", "[{ upstream: b, share: 25% }]");
        using var client = echoing.Client();
        for (var i = 0; i < Requests; i++)
        {
            using var answer = await SendAsync(client, "GET", $"/{_name}/{i}", null, chunked: false);
            answer.EnsureSuccessStatusCode();
        }

        // Six standard deviations of a binomial.
        await Eventually.TrueAsync(() => Task.FromResult(Copies(echoing["b"]).Count() is > 48 and < 152), "a quarter is copied");
    }

    [Fact]
    public async Task A_body_that_is_too_large_to_copy_passes_and_is_not_copied()
    {
        await RouteAsync("a", "[{ upstream: b }]");
        using var client = echoing.Client();
        foreach (var chunked in new[] { false, true })
        {
            using var answer = await SendAsync(client, "POST", $"/{_name}/large", new string('x', 300_000), chunked);
            Assert.Equal(300_000, (await EchoingGateway.ToldAsync(answer)).GetProperty("length").GetInt32());
        }

        Assert.Equal(2, (await echoing.ScrapeAsync()).Value("sluice_edge_mirrors_total", "outcome=\"large\""));
        Assert.Empty(Copies(echoing["b"]));
    }

    [Fact]
    public async Task Mirrors_that_do_not_answer_or_are_not_there_hold_nobody_up_and_what_is_too_much_for_them_is_counted()
    {
        const int Most = 256;
        var silence = new TaskCompletionSource();
        await using var silent = await Upstream.StartAsync(async (http, _) => await silence.Task.WaitAsync(http.RequestAborted));
        await echoing.Gateway.ApplyAsync($$"""
            { kind: Upstream, name: {{_name}}-silent, addresses: ["{{silent.Address}}"] }
            ---
            { kind: Upstream, name: {{_name}}-gone, addresses: ["http://127.0.0.1:{{Ports.Free()}}"] }
            """);
        await RouteAsync("a", $"[{{ upstream: {_name}-silent }}, {{ upstream: {_name}-gone }}]");
        using var client = echoing.Client();
        for (var i = 0; i < Most + 20; i++)
        {
            using var answer = await SendAsync(client, "GET", $"/{_name}/{i}", null, chunked: false);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await Eventually.TrueAsync(async () => (await echoing.ScrapeAsync()).Value("sluice_edge_mirrors_total", "outcome=\"failed\"") is > 0, "copies for one that is gone fail");
        Assert.InRange((await echoing.ScrapeAsync()).Value("sluice_edge_mirrors_total", "outcome=\"full\"") ?? 0, 20, 2 * (Most + 20));
        var before = (await echoing.ScrapeAsync()).Value("sluice_edge_mirrors_total", "outcome=\"answered\"");
        silence.SetResult();
        await Eventually.TrueAsync(async () => (await echoing.ScrapeAsync()).Value("sluice_edge_mirrors_total", "outcome=\"answered\"") >= before + Most - 10, "those that waited are answered");
    }

    [Fact]
    public async Task What_a_cache_answers_is_not_copied_and_what_it_asks_for_is()
    {
        await echoing.Gateway.ApplyAsync($"{{ kind: Cache, name: {_name}, age: 1h }}");
        await RouteAsync("a", "[{ upstream: b }]", $"cache: {_name}\nresponseHeaders: {{ set: {{ Cache-Control: \"public, max-age=60\" }} }}");
        using var client = echoing.Client();
        foreach (var path in new[] { "1", "1", "1", "2" })
        {
            using var answer = await SendAsync(client, "GET", $"/{_name}/{path}", null, chunked: false);
            await EchoingGateway.ToldAsync(answer);
        }

        await Eventually.TrueAsync(() => Task.FromResult(Copies(echoing["b"]).Any(copy => copy.Target.EndsWith("/2", StringComparison.Ordinal))), "what is asked for last is copied");
        Assert.Equal([$"/{_name}/1", $"/{_name}/2"], Copies(echoing["b"]).Select(copy => copy.Target).Order(StringComparer.Ordinal));
    }

    private Task RouteAsync(string upstream, string mirrors, string more = "") => echoing.Gateway.ApplyAsync($$"""
        kind: Route
        name: {{_name}}
        match: { path: "/{{_name}}/{id}" }
        split: [{ upstream: {{upstream}} }]
        mirrors: {{mirrors}}
        {{more}}
        """);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string target, string? body, bool chunked)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target) { Content = body is null ? null : new StringContent(body), Headers = { TransferEncodingChunked = chunked } };
        request.Headers.Add("x-client", "text");
        request.Headers.Add("sluice-mirror", "of the client");
        return await client.SendAsync(request);
    }

    private IEnumerable<ReceivedRequest> Copies(Upstream upstream) => upstream.Requests.Where(r => string.Equals(r.Headers.GetValueOrDefault("sluice-mirror"), _name, StringComparison.Ordinal));

    private async Task<ReceivedRequest> ReceivedAsync(Upstream upstream)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Copies(upstream).Any()), "a copy comes");
        return Assert.Single(Copies(upstream));
    }
}
