using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Kept answers of routes, over a real upstream that counts what it is asked.</summary>
public sealed class CachingTests(CountingGateway counting) : IClassFixture<CountingGateway>
{
    private readonly string _name = $"c{Guid.NewGuid():n}"[..12];

    private CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fresh_answer_is_given_again_and_a_client_that_has_it_is_told_so()
    {
        await RouteAsync();
        using var first = await SendAsync("/fresh?a=1");
        using var again = await SendAsync("/fresh?a=1");
        using var head = await SendAsync("/fresh?a=1", method: "HEAD");
        using var has = await SendAsync("/fresh?a=1", headers: ("If-None-Match", "\"v1\""));
        using var other = await SendAsync("/fresh?a=2");

        Assert.Equal("sluice; fwd=uri-miss; stored", Status(first));
        // The client may hear the last byte before the answer is kept: then it waits for that.
        Assert.Matches("^sluice; (hit; ttl=|fwd=uri-miss.*; collapsed$)", Status(again));
        Assert.Equal(await first.Content.ReadAsStringAsync(Ended), await again.Content.ReadAsStringAsync(Ended));
        Assert.Equal(["kept"], again.Headers.GetValues("x-own"));
        Assert.NotNull(again.Headers.Age);
        Assert.NotEqual(first.Headers.GetValues("sluice-request-id").Single(), again.Headers.GetValues("sluice-request-id").Single());
        Assert.Equal((HttpStatusCode.OK, again.Content.Headers.ContentLength), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.NotModified, has.StatusCode);
        Assert.Equal("\"v1\"", has.Headers.ETag?.Tag);
        Assert.Equal("sluice; fwd=uri-miss; stored", Status(other));
        Assert.Equal(2, Asked("/fresh"));
    }

    [Fact]
    public async Task Nothing_is_given_to_another_tenant_and_on_a_public_route_only_what_is_for_everybody()
    {
        await RouteAsync();
        var (_, key) = await counting.Gateway.Admin.CreateTenantAsync($"{_name}b");
        using var ours = await SendAsync("/public");
        using var theirs = await SendAsync("/public", key: key);
        Assert.Equal(2, Asked("/public"));
        Assert.NotEqual(await ours.Content.ReadAsStringAsync(Ended), await theirs.Content.ReadAsStringAsync(Ended));

        await RouteAsync(access: "public");
        await SendTwiceAsync("/public");
        await SendTwiceAsync("/fresh");
        Assert.Equal(3, Asked("/public"));
        Assert.Equal(2, Asked("/fresh"));
    }

    [Theory]
    [InlineData("/private")]
    [InlineData("/cookie")]
    [InlineData("/silent")]
    [InlineData("/large")]
    [InlineData("/failing")]
    public async Task What_may_not_be_kept_passes_whole(string path)
    {
        await RouteAsync();
        using var first = await SendAsync(path);
        using var second = await SendAsync(path);

        Assert.Equal(2, Asked(path));
        Assert.Equal("2", (await second.Content.ReadAsStringAsync(Ended)).Trim());
        Assert.DoesNotContain("stored", Status(first), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_differ_by_what_they_say_they_do()
    {
        await RouteAsync();
        using var german = await SendAsync("/vary", headers: ("Accept-Language", "de"));
        using var english = await SendAsync("/vary", headers: ("Accept-Language", "en"));
        using var again = await SendAsync("/vary", headers: ("Accept-Language", "de"));

        Assert.Equal("sluice; fwd=vary-miss; stored", Status(english));
        Assert.Equal(await german.Content.ReadAsStringAsync(Ended), await again.Content.ReadAsStringAsync(Ended));
        Assert.Equal(2, Asked("/vary"));
    }

    [Fact]
    public async Task What_must_be_asked_for_anew_is_by_its_validator_and_a_change_is_seen()
    {
        await RouteAsync();
        using var first = await SendAsync("/validated");
        using var held = await SendAsync("/validated");
        counting.Version = "2";
        using var changed = await SendAsync("/validated");
        counting.Version = "1";

        Assert.Equal("sluice; fwd=stale; fwd-status=304", Status(held));
        Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(Ended), await held.Content.ReadAsStringAsync(Ended));
        Assert.Equal("sluice; fwd=stale; stored", Status(changed));
        Assert.Equal("3", await changed.Content.ReadAsStringAsync(Ended));
    }

    [Fact]
    public async Task A_stale_answer_is_given_while_it_is_asked_for_anew_and_where_the_upstream_fails()
    {
        await RouteAsync();
        using var first = await SendAsync("/swr");
        using var stale = await SendAsync("/swr");
        Assert.Equal("1", await stale.Content.ReadAsStringAsync(Ended));
        Assert.Matches("^sluice; (hit|fwd=uri-miss; collapsed$)", Status(stale));
        await Eventually.TrueAsync(() => Task.FromResult(Asked("/swr") >= 2), "the upstream is asked in the background");

        using var good = await SendAsync("/sie");
        counting.Fails = true;
        using var failed = await SendAsync("/sie");
        counting.Fails = false;
        Assert.Equal((HttpStatusCode.OK, "1"), (failed.StatusCode, await failed.Content.ReadAsStringAsync(Ended)));
        Assert.Equal("sluice; fwd=stale; fwd-status=503", Status(failed));
    }

    [Fact]
    public async Task Requests_for_the_same_wait_for_one()
    {
        await RouteAsync();
        var sent = Enumerable.Range(0, 8).Select(_ => SendAsync("/slow")).ToArray();
        await Eventually.TrueAsync(() => Task.FromResult(Asked("/slow") > 0), "one is asked for");
        counting.Gate.Release(8);
        var answers = await Task.WhenAll(sent);

        Assert.Equal(1, Asked("/slow"));
        Assert.Equal(7, answers.Count(a => Status(a) is "sluice; fwd=uri-miss; collapsed" || Status(a).StartsWith("sluice; hit", StringComparison.Ordinal)));
        foreach (var answer in answers)
        {
            Assert.Equal("1", await answer.Content.ReadAsStringAsync(Ended));
            answer.Dispose();
        }
    }

    [Fact]
    public async Task A_purge_a_change_and_a_write_leave_nothing_behind()
    {
        await RouteAsync();
        await SendTwiceAsync("/fresh");
        await counting.Gateway.Admin.PostAsync($"caches/{_name}/purge", new { path = $"/{_name}/other/*" });
        await SendTwiceAsync("/fresh");
        Assert.Equal(1, Asked("/fresh"));

        var purged = await counting.Gateway.Admin.PostAsync($"caches/{_name}/purge", new { path = $"/{_name}/fr*" });
        Assert.Equal("complete", purged.GetProperty("barrier").GetString());
        await SendTwiceAsync("/fresh");
        Assert.Equal(2, Asked("/fresh"));

        using (await SendAsync("/fresh", method: "POST"))
        {
            await SendTwiceAsync("/fresh");
            Assert.Equal(4, Asked("/fresh"));
        }

        await RouteAsync("compress: {}");
        await SendTwiceAsync("/fresh");
        Assert.Equal(5, Asked("/fresh"));

        var (status, problem) = await counting.Gateway.Admin.SendAsync(HttpMethod.Post, $"caches/{_name}/purge", """{"path":"fresh"}""");
        Assert.Equal((HttpStatusCode.BadRequest, "path"), (status, problem.GetProperty("errors")[0].GetProperty("path").GetString()));
    }

    [Theory]
    [InlineData("no-cache", 2)]
    [InlineData("no-store", 2)]
    [InlineData("only-if-cached", 1)]
    public async Task A_client_may_ask_otherwise(string control, int asked)
    {
        await RouteAsync();
        using var first = await SendAsync("/fresh");
        using var second = await SendAsync("/fresh", headers: ("Cache-Control", control));
        using var nothing = await SendAsync("/fresh?b", headers: ("Cache-Control", "only-if-cached"));

        Assert.Equal(asked, Asked("/fresh"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.GatewayTimeout), (second.StatusCode, nothing.StatusCode));
    }

    private static string Status(HttpResponseMessage answer) => answer.Headers.TryGetValues("Cache-Status", out var values) ? values.Single() : "";

    private int Asked(string path) => counting.Asked.GetValueOrDefault($"/{_name}{path}");

    private async Task SendTwiceAsync(string path)
    {
        (await SendAsync(path)).Dispose();
        (await SendAsync(path)).Dispose();
    }

    private Task RouteAsync(string declared = "", string access = "key") => counting.Gateway.ApplyAsync($$"""
        kind: Upstream
        name: counting
        addresses: ["{{counting.Upstream.Address}}"]
        ---
        kind: Cache
        name: {{_name}}
        largestAnswer: 64KiB
        ---
        kind: Route
        name: {{_name}}
        match: { path: "/{{_name}}/{**rest}" }
        access: {{access}}
        split: [{ upstream: counting }]
        cache: {{_name}}
        {{declared}}
        """);

    private async Task<HttpResponseMessage> SendAsync(string path, string method = "GET", string? key = null, params (string Name, string Value)[] headers)
    {
        using var client = counting.Gateway.Client(key);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/{_name}{path}");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Ended);
    }
}
