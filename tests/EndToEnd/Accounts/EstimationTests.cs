using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>What is reserved for a request's input, at the end of a budget and where the provider tells nothing.</summary>
public sealed class EstimationTests(SharedGateway shared)
{
    private const string Words = "word word word word word word word word word word word word word word word word word word word word";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"e{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_request_whose_bytes_do_not_fit_a_budget_is_let_in_by_its_tokens_and_charged_by_them_where_its_provider_tells_nothing()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync("""{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"word"}}]}""", http.RequestAborted);
        });
        var unknown = $$"""
            kind: Model
            name: {{_name}}-unknown
            targets: [{ provider: {{_name}}, model: gpt-4o-mini }]
            tokenizer: none
            """;
        var key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream, "gpt-4o-mini"), unknown, OwnModel.Budget(_name, 160));
        using var client = _gateway.Client(key);

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(client, $"{_name}-unknown"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, _name));

        var usage = await _gateway.Admin.UsageAsync(_name, 2);
        Assert.InRange(usage.InputTokens, 20, 130);
        Assert.InRange(usage.OutputTokens, 4, 20);
    }

    private async Task<HttpStatusCode> AskAsync(HttpClient client, string model)
    {
        using var answer = await client.PostAsync(
            "/v1/chat/completions", Gateway.Json($$"""{"model":"{{model}}","max_tokens":20,"messages":[{"role":"user","content":"{{Words}}"}]}"""));
        return answer.StatusCode;
    }
}
