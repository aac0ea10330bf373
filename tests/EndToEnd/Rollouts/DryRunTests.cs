using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>What would be done is shown, and nothing of it done.</summary>
public sealed class DryRunTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"d{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_rollout_shows_the_weights_of_each_step_and_begins_nothing()
    {
        await ApplyAsync();
        var body = $$"""{"name":"{{_name}}","route":"{{_name}}","from":"{{_name}}-a","to":"{{_name}}-b","steps":[{"share":2500,"hold":"10m"},{"share":10000}]}""";

        var (status, plan) = await _gateway.Admin.SendAsync(HttpMethod.Post, "rollouts?dryRun=true", body);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("9 1", Weights(plan.GetProperty("now")));
        Assert.Equal(["7500 2500", "0 10000"], plan.GetProperty("steps").EnumerateArray().Select(step => Weights(step.GetProperty("weights"))));
        Assert.Contains("2500", plan.GetProperty("first").GetProperty("after").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _gateway.Admin.SendAsync(HttpMethod.Get, $"rollouts/{_name}", null)).Status);

        (status, plan) = await _gateway.Admin.SendAsync(HttpMethod.Post, "rollouts?dryRun=true", body.Replace("2500", "500", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, true), (status, plan.ToString().Contains("has already, 1000 of 10000", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_put_a_removal_and_an_accepted_canary_show_each_resource_before_and_after()
    {
        await ApplyAsync();
        await _gateway.Admin.ApplyAsync($$"""
            kind: Canary
            name: {{_name}}
            share: 1000
            put: [{ kind: Upstream, name: {{_name}}-a, addresses: ["http://127.0.0.1:11"] }]
            """);

        var (_, put) = await _gateway.Admin.SendAsync(HttpMethod.Put, $"upstreams/{_name}-a?dryRun=true", """{"addresses":["http://127.0.0.1:10"]}""");
        var (_, removal) = await _gateway.Admin.SendAsync(HttpMethod.Delete, $"canaries/{_name}?dryRun=true", null);
        var (_, accepted) = await _gateway.Admin.SendAsync(HttpMethod.Post, $"canaries/{_name}/accept?dryRun=true", null);
        await _gateway.Admin.DeleteAsync($"canaries/{_name}");

        Assert.Contains("127.0.0.1:10", put.GetProperty("changes")[0].GetProperty("after").GetRawText(), StringComparison.Ordinal);
        Assert.True(removal.GetProperty("changes")[0].TryGetProperty("before", out _));
        var upstream = accepted.GetProperty("changes").EnumerateArray().Single(change => change.GetProperty("kind").GetString() is "Upstream");
        Assert.Contains("127.0.0.1:9", upstream.GetProperty("before").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:11", upstream.GetProperty("after").GetRawText(), StringComparison.Ordinal);
    }

    private static string Weights(System.Text.Json.JsonElement parts) => string.Join(' ', parts.EnumerateArray().Select(part => part.GetProperty("weight").GetInt32()));

    private Task<long> ApplyAsync() => _gateway.Admin.ApplyAsync($$"""
        kind: Upstream
        name: {{_name}}-a
        addresses: [http://127.0.0.1:9]
        ---
        kind: Upstream
        name: {{_name}}-b
        addresses: [http://127.0.0.1:9]
        ---
        kind: Route
        name: {{_name}}
        match: { path: /{{_name}} }
        split: [{ upstream: {{_name}}-a, weight: 9 }, { upstream: {{_name}}-b, weight: 1 }]
        """);
}
