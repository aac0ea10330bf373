using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A request whose output cap does not fit a hard budget is sent with a lower one.</summary>
public sealed class CapTests(SharedGateway shared)
{
    private const int Amount = 900;
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"c{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("max_tokens", 1)]
    [InlineData("max_completion_tokens", 2)]
    public async Task The_provider_is_sent_the_greatest_cap_that_the_budget_covers_and_the_client_is_told(string field, int answers)
    {
        await using var upstream = await Upstream.StartAsync((http, request) => AnswerAsync(http, request, field, answers));
        using var client = await ClientAsync(upstream);
        var body = $$"""{"model":"{{_name}}","{{field}}":3000,"n":{{answers}},"messages":[{"role":"user","content":"Hello"}]}""";

        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(body));
        var cap = int.Parse(Assert.Single(answer.Headers.GetValues("sluice-max-tokens")), CultureInfo.InvariantCulture);
        Assert.InRange(cap, (Amount - Encoding.UTF8.GetByteCount(body) - 16) / answers, (Amount - 1) / answers);

        // All of it was used: nothing is left, and a cap of no use is not sent.
        using var refused = await client.PostAsync("/v1/chat/completions", Gateway.Json(body));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var usage = await _gateway.Admin.UsageAsync(_name, 2);
        Assert.Equal((Amount - (cap * answers), cap * answers), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task A_cap_that_fits_stays_and_nothing_is_told()
    {
        await using var upstream = await Upstream.StartAsync(static (http, request) => AnswerAsync(http, request, "max_tokens", 1));
        using var client = await ClientAsync(upstream);

        using var answer = await client.PostAsync(
            "/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","max_tokens":300,"messages":[{"role":"user","content":"Hello"}]}"""));

        Assert.False(answer.Headers.Contains("sluice-max-tokens"));
        Assert.Equal(300, (await _gateway.Admin.UsageAsync(_name, 1)).OutputTokens);
    }

    // Uses all that it may, and as input the rest of the budget: the dearest that the reservation allows for.
    private static async Task AnswerAsync(HttpContext http, ReceivedRequest request, string field, int answers)
    {
        using var body = JsonDocument.Parse(request.Body);
        var output = body.RootElement.GetProperty(field).GetInt32() * answers;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(
            $$"""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":{{Amount - output}},"completion_tokens":{{output}},"total_tokens":{{Amount}} } }""", http.RequestAborted);
    }

    private async Task<HttpClient> ClientAsync(Upstream upstream) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Budget(_name, Amount)));
}
