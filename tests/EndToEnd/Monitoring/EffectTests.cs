using System.Net;
using System.Text.Json;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>How requests went before and after a reload.</summary>
public sealed class EffectTests
{
    private const int Requests = 200;

    [Fact]
    public async Task A_revision_that_makes_requests_fail_is_seen_at_a_glance_and_still_after_a_restart()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        await using var good = await Upstream.StartAsync("good");
        await using var bad = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
            return Task.CompletedTask;
        });
        var first = await gateway.ApplyAsync(Shop(good.Address));
        await AskAsync(gateway);
        await ToldAsync(gateway, first);
        var second = await gateway.ApplyAsync(Shop(bad.Address));
        await AskAsync(gateway);
        await ToldAsync(gateway, second);

        await CheckAsync(gateway, first, second);
        await gateway.Sluice.StopAsync();
        await gateway.StartAgainAsync();
        await CheckAsync(gateway, first, second);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Admin.SendAsync(HttpMethod.Get, "revisions/99/effect", null)).Status);
    }

    private static async Task CheckAsync(Gateway gateway, long first, long second)
    {
        var effect = await gateway.Admin.GetAsync($"revisions/{second}/effect");
        Assert.Equal("errors", Assert.Single(effect.GetProperty("worse").EnumerateArray().ToArray()).GetString());
        Assert.Equal((0, Requests), (Count(effect, "before", "errors"), Count(effect, "after", "errors")));
        Assert.InRange(Count(effect, "before", "requests"), Requests, Requests + 50);
        Assert.InRange(effect.GetProperty("after").GetProperty("errorRate").GetDouble(), 0.8, 1);
        Assert.EndsWith("ms", effect.GetProperty("before").GetProperty("p99").GetString(), StringComparison.Ordinal);
        Assert.Empty((await gateway.Admin.GetAsync($"revisions/{first}/effect")).GetProperty("worse").EnumerateArray());

        var output = await new Shell(gateway).DoneAsync("history", "--effect");
        Assert.Single(output.Split('\n'), line => line.Contains("YES: errors", StringComparison.Ordinal));
        Assert.Matches("0 % → (8|9|100)", output);
    }

    private static long Count(JsonElement effect, string side, string what) => effect.GetProperty(side).GetProperty(what).GetInt64();

    private static Task ToldAsync(Gateway gateway, long revision) => Eventually.TrueAsync(
        async () => (await gateway.Admin.SendAsync(HttpMethod.Get, $"revisions/{revision}/effect", null)) is { Status: HttpStatusCode.OK, Body: var body } && Count(body, "after", "requests") >= Requests,
        "the edge has told how requests went");

    private static async Task AskAsync(Gateway gateway)
    {
        using var client = gateway.Client();
        for (var i = 0; i < Requests; i++)
        {
            using var answer = await client.GetAsync("/shop", TestContext.Current.CancellationToken);
        }
    }

    private static string Shop(string address) => $$"""
        kind: Upstream
        name: shop
        addresses: [{{address}}]
        ---
        kind: Route
        name: shop
        match: { path: /shop }
        split: [{ upstream: shop }]
        """;
}
