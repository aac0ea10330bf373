using System.Globalization;
using System.Net;
using System.Text.Json;
using Sluice.Tests.EndToEnd.Accounts;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.WhatIf;

/// <summary>Real calls through two edges, held against candidates.</summary>
public sealed class ReplayTests
{
    private const string UserHeader = "x-user-id";

    [Fact]
    public async Task Exactly_the_calls_whose_outcome_changes_are_named()
    {
        await using var fleet = await Fleet.StartAsync(edges: 2);
        await using var old = await Upstream.StartAsync("old");
        await using var next = await Upstream.StartAsync("new");
        var (_, key) = await fleet.Admin.CreateTenantAsync("acme");
        await fleet.ApplyAsync(Bundle(old, next));
        var users = Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"user-{i}")).ToArray();
        var onNew = 0;
        foreach (var edge in fleet.Edges)
        {
            using var client = Fleet.Client(edge, key);
            for (var i = 0; i < 3; i++)
            {
                await ExpectAsync(client, "/gone/1", HttpStatusCode.OK);
                await ExpectAsync(client, "/moved/1", HttpStatusCode.OK);
                await ExpectAsync(client, "/stays/1", HttpStatusCode.OK);
                await ExpectAsync(client, "/nowhere", HttpStatusCode.NotFound);
            }

            foreach (var user in users)
            {
                onNew += await ExpectAsync(client, "/split", HttpStatusCode.OK, user) is "new" ? 1 : 0;
            }

            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"canary-of-the-body"}]}"""));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var candidate = Bundle(old, next, split: 0).Replace("name: gone, match: { path: \"/gone/{id}\" }", "name: taker, match: { path: \"/moved/{id}\", methods: [GET] }", StringComparison.Ordinal) + """

            ---
            { kind: Limit, name: all, subject: tenant/acme, requests: { per: hour, amount: 5 } }
            """;
        var replayed = await fleet.Admin.PostAsync("replay", new { changes = candidate, prune = true });

        Assert.InRange(onNew, 1, 79);
        Assert.Equal(
            [
                ("refused", "route gone → old", "404 no_route", 6),
                ("route", "route moved → old", "route taker → old", 6),
                ("part", "route split → new", "route split → old", onNew),
                ("limits", null, "all of tenant/acme: 5 requests a hour (at most 5 at once)", 2),
            ],
            Groups(replayed));
        Assert.Equal(12 + onNew + 2, replayed.GetProperty("changed").GetInt64());
        Assert.Equal(2 * (12 + users.Length + 1), replayed.GetProperty("kept").GetInt32());
        Assert.Equal(2, replayed.GetProperty("edges").GetProperty("told").GetArrayLength());
        Assert.Equal(0, replayed.GetProperty("edges").GetProperty("silent").GetArrayLength());
        Assert.Equal(0, replayed.GetProperty("unknown").GetArrayLength());
        var example = replayed.GetProperty("groups")[3].GetProperty("example");
        Assert.Equal(("acme", "sandbox", 200), (example.GetProperty("tenant").GetString(), example.GetProperty("model").GetString(), example.GetProperty("status").GetInt32()));
        Assert.DoesNotContain("canary", replayed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, replayed.ToString(), StringComparison.Ordinal);

        // Nothing was published, and against what is active nothing changes.
        var same = await fleet.Admin.PostAsync("replay", new { changes = Bundle(old, next) });
        Assert.Equal(0, same.GetProperty("changed").GetInt64());
        Assert.Empty(Groups(same));
    }

    [Fact]
    public async Task A_bundle_is_reviewed_with_the_calls_that_it_changes()
    {
        await using var gateway = await Gateway.StartAsync();
        await using var old = await Upstream.StartAsync("old");
        await using var next = await Upstream.StartAsync("new");
        await gateway.ApplyAsync(Bundle(old, next));
        using var client = gateway.Client();
        await ExpectAsync(client, "/gone/1", HttpStatusCode.OK);
        var cli = new CommandLine.Shell(gateway);
        var bundle = Bundle(old, next).Replace("/gone/{id}", "/elsewhere/{id}", StringComparison.Ordinal);

        var (code, lines, errors) = await cli.RunAsync(["diff", "-f", "-", "--replay"], bundle);

        Assert.True(code is 0, errors);
        Assert.Contains("~ Route/gone", lines, StringComparison.Ordinal);
        Assert.Contains("1 would change.", lines, StringComparison.Ordinal);
        Assert.Contains("- 1 call, refused: route gone → old → 404 no_route", lines, StringComparison.Ordinal);
        Assert.Contains("such as GET ", lines, StringComparison.Ordinal);
        var (_, json, _) = await cli.RunAsync(["diff", "-f", "-", "--replay", "--json"], bundle);
        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(json).GetProperty("replay").GetProperty("changed").GetInt32());
        Assert.Contains("--replay goes with -f", await cli.FailsAsync(2, "diff", "1", "--replay"), StringComparison.Ordinal);

        var first = await gateway.Admin.PostAsync("replay", new { revision = 1 });
        Assert.Contains(Groups(first), g => g is ("refused", "route gone → old", "404 no_route", 1));
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.Admin.SendAsync(HttpMethod.Post, "replay", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Admin.SendAsync(HttpMethod.Post, "replay", """{"revision":999}""")).Status);
    }

    private static (string?, string?, string?, int)[] Groups(JsonElement replayed) => [.. replayed.GetProperty("groups").EnumerateArray().Select(g => (
        g.GetProperty("aspect").GetString(),
        g.TryGetProperty("from", out var from) ? from.GetString() : null,
        g.TryGetProperty("to", out var to) ? to.GetString() : null,
        g.GetProperty("calls").GetInt32()))];

    private static async Task<string> ExpectAsync(HttpClient client, string path, HttpStatusCode status, string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
        {
            request.Headers.Add(UserHeader, user);
        }

        using var answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static string Bundle(Upstream old, Upstream next, int split = 1) => string.Create(CultureInfo.InvariantCulture, $$"""
        { kind: Upstream, name: old, addresses: ["{{old.Address}}"] }
        ---
        { kind: Upstream, name: new, addresses: ["{{next.Address}}"] }
        ---
        { kind: Route, name: gone, match: { path: "/gone/{id}" }, split: [{ upstream: old }] }
        ---
        { kind: Route, name: moved, match: { path: "/moved/{id}" }, split: [{ upstream: old }] }
        ---
        { kind: Route, name: stays, match: { path: "/stays/{id}" }, split: [{ upstream: old }] }
        ---
        { kind: Route, name: split, match: { path: /split }, split: [{ upstream: old, weight: 1 }, { upstream: new, weight: {{split}} }], sticky: { by: header, name: {{UserHeader}} } }
        ---
        { kind: Provider, name: sandbox, dialect: sandbox }
        ---
        { kind: Model, name: sandbox, targets: [{ provider: sandbox, model: sandbox }] }
        """);
}
