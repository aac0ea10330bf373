namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Splits that are sticky by a cookie which the edge issues.</summary>
public sealed class VisitorCookieTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    private readonly string _name = $"v{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("{}", "path=/; samesite=lax; httponly")]
    [InlineData("{ maxAge: 30d, path: /shop, secure: true, sameSite: strict, domain: example.com }", "max-age=2592000; domain=example.com; path=/shop; secure; samesite=strict; httponly")]
    [InlineData("{ sameSite: none }", "path=/; secure; samesite=none; httponly")]
    public async Task The_cookie_has_the_attributes_that_are_declared_and_stands_beside_the_upstreams_own(string issue, string expected)
    {
        await RouteAsync(50, 50, issue, "responseHeaders: { add: { set-cookie: own=1 } }");
        using var client = echoing.Client();
        foreach (var chunked in new[] { false, true })
        {
            using var answer = await SendAsync(client, null, chunked);
            var cookies = answer.Headers.GetValues("set-cookie").ToList();

            Assert.Contains("own=1", cookies);
            var ours = Assert.Single(cookies, c => c.StartsWith("visitor=", StringComparison.Ordinal));
            Assert.Equal(expected, ours[(ours.IndexOf(';', StringComparison.Ordinal) + 2)..]);
        }
    }

    [Fact]
    public async Task A_visitor_stays_and_a_raised_share_moves_only_those_whom_it_adds_and_a_revert_moves_them_back()
    {
        const int Visitors = 60;
        await RouteAsync(90, 10);
        using var client = echoing.Client();
        var first = new List<(string Cookie, string Part)>();
        for (var i = 0; i < Visitors; i++)
        {
            using var answer = await SendAsync(client, null);
            first.Add((CookieOf(answer)!, await PartOf(answer)));
        }

        var again = await PartsAsync(client, first);
        await RouteAsync(50, 50);
        var raised = await PartsAsync(client, first);
        await RouteAsync(90, 10);
        var reverted = await PartsAsync(client, first);

        Assert.Equal(Visitors, first.DistinctBy(f => f.Cookie, StringComparer.Ordinal).Count());
        Assert.Equal(first.Select(f => f.Part), again);
        Assert.Equal(again, reverted);
        Assert.DoesNotContain(again.Zip(raised), p => p is { First: "b", Second: "a" });
        Assert.InRange(raised.Count(p => p is "b"), again.Count(p => p is "b") + 1, Visitors);
    }

    [Fact]
    public async Task A_cookie_that_was_not_issued_here_is_replaced()
    {
        await RouteAsync(50, 50);
        using var client = echoing.Client();
        using var issued = await SendAsync(client, null);
        var cookie = CookieOf(issued)!;
        var forged = $"{(cookie[0] == 'A' ? 'B' : 'A')}{cookie[1..]}";
        using var kept = await SendAsync(client, cookie);
        using var replaced = await SendAsync(client, forged);

        Assert.Null(CookieOf(kept));
        Assert.NotNull(CookieOf(replaced));
        Assert.NotEqual(cookie, CookieOf(replaced));
    }

    private Task RouteAsync(int from, int to, string issue = "{}", string more = "") => echoing.Gateway.ApplyAsync($$"""
        kind: Route
        name: {{_name}}
        match: { path: "/{{_name}}" }
        split: [{ upstream: a, weight: {{from}} }, { upstream: b, weight: {{to}} }]
        sticky: { by: cookie, name: visitor, issue: {{issue}} }
        {{more}}
        """);

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, string? cookie, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{_name}") { Content = new StringContent("body"), Headers = { TransferEncodingChunked = chunked } };
        if (cookie is not null)
        {
            request.Headers.Add("cookie", $"first=1; visitor={cookie}");
        }

        return await client.SendAsync(request);
    }

    private async Task<List<string>> PartsAsync(HttpClient client, IEnumerable<(string Cookie, string Part)> visitors)
    {
        var parts = new List<string>();
        foreach (var (cookie, _) in visitors)
        {
            using var answer = await SendAsync(client, cookie);
            Assert.Null(CookieOf(answer));
            parts.Add(await PartOf(answer));
        }

        return parts;
    }

    private static async Task<string> PartOf(HttpResponseMessage answer) => (await EchoingGateway.ToldAsync(answer)).GetProperty("upstream").GetString()!;

    private static string? CookieOf(HttpResponseMessage answer) => !answer.Headers.TryGetValues("set-cookie", out var cookies) ? null
        : cookies.Where(c => c.StartsWith("visitor=", StringComparison.Ordinal)).Select(c => c["visitor=".Length..c.IndexOf(';', StringComparison.Ordinal)]).SingleOrDefault();
}
