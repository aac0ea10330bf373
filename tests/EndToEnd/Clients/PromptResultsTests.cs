using System.Net;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>An experiment between two versions, from the clients' calls and scores to the comparison; and what is told of prompts by the command line.</summary>
public sealed class PromptResultsTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"r{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Two_versions_are_compared_by_their_calls_and_what_clients_said_of_them()
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = _gateway.Client(await ApplyAsync(provider));
        using var stranger = _gateway.Client((await _gateway.Admin.CreateTenantAsync($"{_name}s")).Key);
        for (var i = 0; i < 6; i++)
        {
            var request = await AskAsync(client, version: i < 3 ? 1 : 2);
            await GiveAsync(client, request, "0");
            await GiveAsync(client, request, i < 3 ? "0.25" : "1");
            await GiveAsync(stranger, request, "0");
        }

        var results = await Eventually.GetAsync(
            async () => await _gateway.Admin.GetAsync($"prompts/{_name}/results") is var told && told.GetProperty("versions").EnumerateArray().Sum(v => v.GetProperty("requests").GetInt32()) == 6 ? new { Told = told } : null,
            "the records of six calls");

        var versions = results.Told.GetProperty("versions").EnumerateArray().ToArray();
        Assert.Equal(
            [(1, 3, 0, 3, 3, 3, 0.25), (2, 3, 0, 3, 3, 3, 1)],
            versions.Select(v => (
                v.GetProperty("version").GetInt32(), v.GetProperty("requests").GetInt32(), v.GetProperty("failures").GetInt32(), v.GetProperty("inputTokens").GetInt32(), v.GetProperty("outputTokens").GetInt32(),
                v.GetProperty("scores")[0].GetProperty("count").GetInt32(), v.GetProperty("scores")[0].GetProperty("mean").GetProperty("value").GetDouble())));
        Assert.True(versions[0].GetProperty("latency").GetProperty("p95").GetDouble() > 0);
        Assert.Equal($"{_name}/any", results.Told.GetProperty("targets")[0].GetProperty("target").GetString());
        var difference = Assert.Single(results.Told.GetProperty("differences").EnumerateArray());
        Assert.Equal((1, 2, 0.75), (results.Told.GetProperty("baseline").GetInt32(), difference.GetProperty("version").GetInt32(), difference.GetProperty("scores")[0].GetProperty("mean").GetProperty("value").GetDouble()));

        var shell = new Shell(_gateway);
        var table = await shell.DoneAsync("prompt", "results", _name, "--tenant", _name, "--baseline", "2");
        Assert.Contains("version 1 less version 2", table, StringComparison.Ordinal);
        Assert.Contains("score -0.75 [", table, StringComparison.Ordinal);
        Assert.Contains("baseline", await shell.FailsAsync(1, "prompt", "results", _name, "--baseline", "7"), StringComparison.Ordinal);
        Assert.Contains("no Prompt", await shell.FailsAsync(1, "prompt", "results", "nobody"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_lists_prompts_and_shows_their_wording()
    {
        await using var provider = await OwnModel.StartAsync();
        await ApplyAsync(provider);
        var shell = new Shell(_gateway);

        Assert.Matches($@"{_name} +1, 2 +1: 75 %, 2: 25 % +{_name} +/prompts/{_name}", await shell.DoneAsync("prompt", "list"));
        var shown = await shell.DoneAsync("prompt", "show", _name, "--version", "2");
        Assert.Contains($"{_name}@2: 25 % of the calls, model {_name}", shown, StringComparison.Ordinal);
        Assert.Contains("user:\nSum up {{ text }} shortly", shown.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain($"{_name}@1", shown, StringComparison.Ordinal);
        Assert.Contains("\"messages\":[{\"role\":\"user\",\"content\":\"Sum up {{ text }}\"}]", await shell.DoneAsync("prompt", "show", _name, "--prompt-version", "1", "--json"), StringComparison.Ordinal);
        Assert.Contains("it has 1, 2", await shell.FailsAsync(2, "prompt", "show", _name, "--version", "3"), StringComparison.Ordinal);
    }

    private Task<string> ApplyAsync(Upstream provider) => OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, provider), $$$"""
        kind: Prompt
        name: {{{_name}}}
        publish: { path: /prompts/{{{_name}}} }
        split: [{ version: 1, weight: 3 }, { version: 2, weight: 1 }]
        versions:
          - version: 1
            model: {{{_name}}}
            variables: { type: object, properties: { text: { type: string } } }
            messages: [{ role: user, content: "Sum up {{ text }}" }]
          - version: 2
            model: {{{_name}}}
            variables: { type: object, properties: { text: { type: string } } }
            messages: [{ role: user, content: "Sum up {{ text }} shortly" }]
        """);

    private async Task<string> AskAsync(HttpClient client, int version)
    {
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$$$"""{"model":"prompt/{{{{_name}}}}@{{{{version}}}}","prompt":{"variables":{"text":"this"}}}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Assert.Single(answer.Headers.GetValues("sluice-request-id"));
    }

    private static async Task GiveAsync(HttpClient client, string request, string score)
    {
        using var answer = await client.PostAsync("/v1/feedback", Gateway.Json($$"""{"request_id":"{{request}}","score":{{score}}}"""));
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{answer.StatusCode}");
    }
}
