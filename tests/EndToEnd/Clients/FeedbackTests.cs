using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>What clients say of answers: taken once, and told alike to those whose answer it is not.</summary>
public sealed class FeedbackTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"f{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_score_is_taken_for_an_answer_at_once_and_as_counted_when_its_record_has_come()
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, provider)));
        var request = await AskAsync(client);

        var (first, _) = await GiveAsync(client, request, "0.25");
        Assert.True(first is HttpStatusCode.OK or HttpStatusCode.Accepted);
        await Eventually.TrueAsync(async () => (await GiveAsync(client, request, "0.75")).Status is HttpStatusCode.OK, "the record of the answer");
        var (_, body) = await GiveAsync(client, request, "0.75");
        var told = Assert.Single((await _gateway.Admin.GetAsync($"calls/{request}")).GetProperty("scores").EnumerateArray());
        Assert.Equal(("score", 0.75, false), (told.GetProperty("name").GetString(), told.GetProperty("score").GetDouble(), told.TryGetProperty("comment", out var _)));

        using var answer = JsonDocument.Parse(body);
        Assert.Equal((request, "score", 0.75, "counted"), (
            answer.RootElement.GetProperty("request_id").GetString(),
            answer.RootElement.GetProperty("name").GetString(),
            answer.RootElement.GetProperty("score").GetDouble(),
            answer.RootElement.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Who_has_no_key_or_no_such_request_is_refused()
    {
        using var client = _gateway.Client((await _gateway.Admin.CreateTenantAsync(_name)).Key);
        using var nobody = new HttpClient { BaseAddress = _gateway.Edge };
        var old = $"req_{TimeProvider.System.GetUtcNow().AddHours(-2).ToUnixTimeMilliseconds():x11}0123456789abcdef";

        Assert.Equal(HttpStatusCode.Unauthorized, (await GiveAsync(nobody, old, "1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GiveAsync(client, old, "1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GiveAsync(client, "req_1", "1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GiveAsync(client, old, "2")).Status);
        using var get = await client.GetAsync("/v1/feedback");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    private async Task<string> AskAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Assert.Single(answer.Headers.GetValues("sluice-request-id"));
    }

    private static async Task<(HttpStatusCode Status, string Body)> GiveAsync(HttpClient client, string request, string score)
    {
        using var answer = await client.PostAsync("/v1/feedback", Gateway.Json($$"""{"request_id":"{{request}}","score":{{score}}}"""));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
