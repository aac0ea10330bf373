using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>A split of 95 to 5 by a hash of the user, raised and taken back while requests go through.</summary>
public sealed class AbSplitTests(SharedGateway shared)
{
    private const int Users = 1_000;

    [Theory]
    [InlineData("header", "x-user-id")]
    [InlineData("cookie", "uid")]
    public async Task Users_stay_where_they_are_but_for_those_whom_a_raised_part_takes_and_come_back_when_it_is_reverted(string by, string name)
    {
        await using var old = await Upstream.StartAsync("old");
        await using var next = await Upstream.StartAsync("new");
        var split = $"ab-{by}";
        string Bundle(int from, int to) => FormattableString.Invariant($$"""
            kind: Upstream
            name: {{split}}-old
            addresses: ["{{old.Address}}"]
            ---
            kind: Upstream
            name: {{split}}-new
            addresses: ["{{next.Address}}"]
            ---
            kind: Route
            name: {{split}}
            match: { path: "/{{split}}" }
            split: [{ upstream: {{split}}-old, weight: {{from}} }, { upstream: {{split}}-new, weight: {{to}} }]
            sticky: { by: {{by}}, name: {{name}} }
            """);
        await shared.Gateway.ApplyAsync(Bundle(9_500, 500));
        using var client = new HttpClient { BaseAddress = shared.Gateway.Edge };

        var before = await AskAllAsync(client, split, by, name);
        await using var load = ShopLoad.Start(shared.Gateway, $"/{split}");
        await shared.Gateway.ApplyAsync(Bundle(8_000, 2_000));
        var raised = await AskAllAsync(client, split, by, name);
        await shared.Gateway.ApplyAsync(Bundle(9_500, 500));
        var reverted = await AskAllAsync(client, split, by, name);

        Assert.All(await load.EndAsync(), a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.InRange(before.Count, 25, 80);
        Assert.InRange(raised.Count, 150, 255);
        Assert.Subset(raised, before);
        Assert.Equal(before, reverted);
    }

    // The users on the new version.
    private static async Task<SortedSet<int>> AskAllAsync(HttpClient client, string split, string by, string name)
    {
        var found = new SortedSet<int>();
        for (var user = 0; user < Users; user++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{split}");
            request.Headers.Add(by is "cookie" ? "Cookie" : name, FormattableString.Invariant($"{(by is "cookie" ? $"{name}=" : "")}user-{user}"));
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            if (await answer.Content.ReadAsStringAsync() is "new")
            {
                found.Add(user);
            }
        }

        return found;
    }
}
