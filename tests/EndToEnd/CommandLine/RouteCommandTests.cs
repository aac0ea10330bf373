using System.Text.Json;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary><c>sluice route</c>: blue and green, and weights by hand.</summary>
public sealed class RouteCommandTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    [Fact]
    public async Task A_split_is_switched_in_one_revision_and_back_by_the_line_that_is_printed()
    {
        await shared.Gateway.ApplyAsync("""
            { kind: Upstream, name: blue, addresses: [http://127.0.0.1:1] }
            ---
            { kind: Upstream, name: green, addresses: [http://127.0.0.1:2] }
            ---
            { kind: Route, name: shop, match: { path: /shop }, split: [{ upstream: blue, weight: 95 }, { upstream: green, weight: 5 }], requestHeaders: { set: { x-kept: "1" } } }
            """);
        var shell = new Shell(shared.Gateway);
        var printed = await shell.DoneAsync("route", "switch", "shop", "green", "--reason", "v2 is good");
        var back = Assert.Single(printed.Split('\n'), line => line.StartsWith("back: ", StringComparison.Ordinal)).Trim();

        Assert.Equal("back: sluice route weights shop blue=95 green=5", back);
        Assert.Equal((0, 95), await WeightsAsync());
        await shell.DoneAsync("route", "weights", "shop", "green=1", "--dry-run");
        Assert.Equal((0, 95), await WeightsAsync());
        await shell.DoneAsync(back["back: sluice ".Length..].Split(' '));
        Assert.Equal((95, 5), await WeightsAsync());
        await shell.DoneAsync("route", "weights", "shop", "green=10");
        Assert.Equal((95, 10), await WeightsAsync());
    }

    [Theory]
    [InlineData("has no part 'gren'; it has blue, green", "switch", "pair", "gren")]
    [InlineData("must be UPSTREAM=WEIGHT", "weights", "pair", "green")]
    [InlineData("must be UPSTREAM=WEIGHT", "weights", "pair", "green=1000001")]
    [InlineData("answers by itself", "switch", "closed", "green")]
    public async Task What_cannot_be_moved_is_told(string why, params string[] arguments)
    {
        await shared.Gateway.ApplyAsync("""
            { kind: Upstream, name: blue, addresses: [http://127.0.0.1:1] }
            ---
            { kind: Upstream, name: green, addresses: [http://127.0.0.1:2] }
            ---
            { kind: Route, name: pair, match: { path: /pair }, split: [{ upstream: blue }, { upstream: green }] }
            ---
            { kind: Route, name: closed, match: { path: /closed }, respond: { status: 503 } }
            """);

        Assert.Contains(why, await new Shell(shared.Gateway).FailsAsync(2, ["route", .. arguments]), StringComparison.Ordinal);
    }

    private async Task<(int Blue, int Green)> WeightsAsync()
    {
        var route = await shared.Gateway.Admin.GetAsync("routes/shop");
        var split = route.GetProperty("split");
        Assert.Equal("1", route.GetProperty("requestHeaders").GetProperty("set").GetProperty("x-kept").GetString());
        return (Weight(split[0]), Weight(split[1]));
    }

    private static int Weight(JsonElement part) => part.GetProperty("weight").GetInt32();
}
