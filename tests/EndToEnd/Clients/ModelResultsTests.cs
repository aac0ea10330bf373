using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Two targets of a model side by side, from the clients' calls and scores to the comparison; and what was said of one call.</summary>
public sealed class ModelResultsTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"m{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Two_targets_are_compared_by_their_calls_and_what_clients_said_of_them()
    {
        await using var sound = await OwnModel.StartAsync();
        await using var failing = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 503;
            return http.Response.WriteAsync("{}", http.RequestAborted);
        });
        var key = await OwnModel.ApplyAsync(_gateway, _name, $$"""
            kind: Provider
            name: {{_name}}
            address: {{sound.Address}}/v1
            ---
            kind: Provider
            name: {{_name}}f
            address: {{failing.Address}}/v1
            ---
            kind: Model
            name: {{_name}}/of
            strategy: priority
            targets: [{ provider: {{_name}}f, model: first, priority: 1 }, { provider: {{_name}}, model: second, priority: 2 }]
            """);
        using var client = _gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}/of","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var request = Assert.Single(answer.Headers.GetValues("sluice-request-id"));
        using var said = await client.PostAsync("/v1/feedback", Gateway.Json($$"""{"request_id":"{{request}}","name":"helpful","score":0.75,"comment":"good\u001b[31m"}"""));
        Assert.True(said.IsSuccessStatusCode);

        var results = await Eventually.GetAsync(
            async () => await _gateway.Admin.GetAsync($"models/{_name}%2Fof/results") is var told && told.GetProperty("targets").GetArrayLength() == 2 ? new { Told = told } : null,
            "the records of both attempts");
        Assert.Equal(
            [($"{_name}/second", 1, 0, 1, 0, 1), ($"{_name}f/first", 1, 1, 0, 0, 0)],
            results.Told.GetProperty("targets").EnumerateArray().Select(t => (
                t.GetProperty("target").GetString()!, t.GetProperty("attempts").GetInt32(), t.GetProperty("attemptFailures").GetInt32(), t.GetProperty("requests").GetInt32(), t.GetProperty("failures").GetInt32(), t.GetProperty("scores").GetArrayLength())));

        var shell = new Shell(_gateway);
        Assert.Contains("helpful 0.75", await shell.DoneAsync("model", "results", $"{_name}/of", "--tenant", _name), StringComparison.Ordinal);
        Assert.Contains("baseline", await shell.FailsAsync(1, "model", "results", $"{_name}/of", "--baseline", "nobody/none"), StringComparison.Ordinal);
        Assert.Contains("no Model", await shell.FailsAsync(1, "model", "results", "nobody"), StringComparison.Ordinal);
        var call = await shell.DoneAsync("calls", request);
        Assert.Contains("score helpful 0.75, by key ", call, StringComparison.Ordinal);
        Assert.Contains(": good [31m", call, StringComparison.Ordinal);
    }
}
