using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Requests of megabytes reach the provider as they came, but for what is changed on the way.</summary>
public sealed class LargeRequestTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"l{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData(1_000_000_000, 4096)]
    [InlineData(5_000_500, 500)]
    public async Task A_request_of_five_megabytes_has_the_targets_name_and_the_cap_that_its_budget_leaves(long budget, int cap)
    {
        string? came = null;
        await using var upstream = await Upstream.StartAsync((http, body) =>
        {
            came = System.Text.Encoding.UTF8.GetString(body.Body);
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync("""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", http.RequestAborted);
        });
        var key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream, "large") + "\ncontextTokens: 5000000", OwnModel.Budget(_name, budget));
        using var client = _gateway.Client(key);
        var text = new string('x', 5 * 1024 * 1024);

        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"messages":[{"role":"user","content":"{{text}}"}],"model":"{{_name}}","seed":7}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var sent = JsonDocument.Parse(came!);
        Assert.Equal($$"""{"max_tokens":{{sent.RootElement.GetProperty("max_tokens")}},"messages":[{"role":"user","content":"{{text}}"}],"model":"large","seed":7}""", came);
        Assert.Equal(cap, sent.RootElement.GetProperty("max_tokens").GetInt32());
    }
}
