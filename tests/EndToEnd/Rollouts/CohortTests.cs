using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>A canary: a change of several resources that holds for a share of the subjects, raised, accepted, and taken back by itself.</summary>
public sealed class CohortTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    private const int Keys = 16;
    private readonly Gateway _gateway = shared.Gateway;

    [Fact]
    public async Task A_share_of_the_keys_is_served_under_the_change_the_same_ones_until_it_is_accepted_for_all()
    {
        await using var old = await AnswerAsync("old");
        await using var next = await AnswerAsync("new");
        await _gateway.ApplyAsync($"{Resources("raised", old)}\n---\n{Canary("raised", next, share: 0)}");
        var clients = await ClientsAsync("raised");

        Assert.All(await AskAsync(clients, "raised"), answer => Assert.Equal(("old", false), answer));
        await _gateway.ApplyAsync(Canary("raised", next, share: 5_000));
        var half = await AskAsync(clients, "raised");
        await _gateway.ApplyAsync(Canary("raised", next, share: 7_500));
        var more = await AskAsync(clients, "raised");

        Assert.InRange(half.Count(a => a.Body is "new"), 1, Keys - 1);
        Assert.All(half, answer => Assert.Equal(answer.Body is "new", answer.IsCanary));
        Assert.All(half.Zip(more), pair => Assert.True(pair.First.Body is "old" || pair.Second.Body is "new", "who was served under it still is"));

        var cli = new Shell(_gateway);
        Assert.Contains("Canary/raised", await cli.DoneAsync("canary", "accept", "raised"), StringComparison.Ordinal);
        Assert.All(await AskAsync(clients, "raised"), answer => Assert.Equal(("new", false), answer));
        Assert.Contains("has no Canary 'raised'", await cli.FailsAsync(1, "canary", "accept", "raised"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_raises_it_and_takes_it_back_when_its_answers_fail()
    {
        await using var old = await AnswerAsync("old");
        await using var failing = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return http.Response.WriteAsync("new");
        });
        await _gateway.ApplyAsync($"{Resources("failing", old)}\n---\n{Canary("failing", failing, share: 0)}");
        var clients = await ClientsAsync("failing");
        try
        {
            await new Shell(_gateway).DoneAsync(
                "rollout", "start", "failing", "--canary", "failing", "--step", "50%:10m", "--step", "100%:10m", "--error-rate", "0.01", "--minimum-requests", "10");
            JsonElement rollout = default;
            await Eventually.TrueAsync(
                async () =>
                {
                    await AskAsync(clients, "failing");
                    rollout = await _gateway.Admin.GetAsync("rollouts/failing");
                    return rollout.GetProperty("state").GetString() is "rolled-back";
                },
                $"the rollout goes back; it was {rollout}");

            Assert.Equal("failing", rollout.GetProperty("canary").GetString());
            Assert.Contains(rollout.GetProperty("history").EnumerateArray(), e => e.GetProperty("why").GetString()!.Contains("guard errorRate failed at step 1", StringComparison.Ordinal));
            Assert.Equal(0, (await _gateway.Admin.GetAsync("canaries/failing")).GetProperty("share").GetInt32());
            Assert.All(await AskAsync(clients, "failing"), answer => Assert.Equal(("old", false), answer));
        }
        finally
        {
            await _gateway.Admin.DeleteAsync("canaries/failing");
        }
    }

    [Fact]
    public async Task It_swaps_models_and_routes_together_and_explain_says_who_meets_it()
    {
        await using var old = await OwnModel.StartAsync();
        await using var next = await OwnModel.StartAsync();
        await _gateway.ApplyAsync($$"""
            {{OwnModel.Bundle("both", old)}}
            ---
            kind: Canary
            name: both
            share: 10000
            put:
              - { kind: Provider, name: both-next, dialect: openai, address: "{{next.Address}}/v1" }
              - { kind: Model, name: both, targets: [{ provider: both-next, model: any }] }
              - { kind: Upstream, name: both, addresses: ["{{next.Address}}"] }
              - { kind: Route, name: both, match: { path: /both }, split: [{ upstream: both }] }
            """);
        using var client = _gateway.Client((await _gateway.Admin.CreateTenantAsync("both")).Key);
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, "both")).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/both")).StatusCode);
            Assert.Equal((0, 2), (old.Requests.Count, next.Requests.Count));
            var explained = await _gateway.Admin.PostAsync("explain", new { method = "GET", path = "/both" });
            Assert.Equal("both", explained.GetProperty("canary").GetString());
        }
        finally
        {
            await _gateway.Admin.DeleteAsync("canaries/both");
        }

        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, "both")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/both")).StatusCode);
        Assert.Single(old.Requests);
    }

    private static Task<Upstream> AnswerAsync(string body) => Upstream.StartAsync(body);

    private static string Resources(string name, Upstream upstream) => $$"""
        kind: Upstream
        name: {{name}}
        addresses: ["{{upstream.Address}}"]
        ---
        kind: Route
        name: {{name}}
        match: { path: "/{{name}}" }
        split: [{ upstream: {{name}} }]
        """;

    private static string Canary(string name, Upstream upstream, int share) => $$"""
        kind: Canary
        name: {{name}}
        share: {{share}}
        put: [{ kind: Upstream, name: {{name}}, addresses: ["{{upstream.Address}}"] }]
        """;

    private async Task<HttpClient[]> ClientsAsync(string tenant)
    {
        var keys = new List<string> { (await _gateway.Admin.CreateTenantAsync(tenant)).Key };
        while (keys.Count < Keys)
        {
            keys.Add((await _gateway.Admin.CreateKeyAsync(tenant)).Key);
        }

        return [.. keys.Select(_gateway.Client)];
    }

    private static async Task<(string Body, bool IsCanary)[]> AskAsync(HttpClient[] clients, string path) => await Task.WhenAll(clients.Select(async client =>
    {
        using var answer = await client.GetAsync($"/{path}");
        return (await answer.Content.ReadAsStringAsync(), answer.Headers.Contains("sluice-canary"));
    }));
}
