using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Callers and providers of OpenAI's responses over HTTP: untouched to each other, translated to the others, metered and bounded.</summary>
public sealed class ResponsesTests(SharedGateway shared)
{
    private const string Response = """{"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,"model":"gpt","output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi","annotations":[]}]}],"odd":[1],"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":3},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":17}}""";
    private const string Stream = "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1700000000,\"status\":\"in_progress\",\"model\":\"gpt\",\"output\":[]}}\n\n"
        + "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hi\"}\n\n"
        + "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2,\"response\":" + Response + "}\n\n";

    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"o{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_dialect_on_both_sides_passes_bytes_and_counts_what_they_tell(bool stream)
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "responses");
        using var answer = await client.PostAsync("/v1/responses", Gateway.Json($$"""{"model": "{{_name}}",  "odd":{}, "input":"Hello","stream":{{(stream ? "true" : "false")}}}"""));

        var body = await answer.Content.ReadAsStringAsync();
        var id = body[body.IndexOf("resp_sluice.", StringComparison.Ordinal)..].Split('"')[0];
        Assert.Equal(stream ? Stream : Response, body.Replace(id, "resp_1", StringComparison.Ordinal));
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal("/v1/responses", sent.Target);
        Assert.Equal($$"""{"model": "any",  "odd":{}, "input":"Hello","stream":{{(stream ? "true" : "false")}}}""", Encoding.UTF8.GetString(sent.Body));
        await UsedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_of_chat_completions_is_told_and_charged_the_same(bool stream)
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "responses");
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}"""));
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Contains("\"content\":\"Hi\"", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"stop\"", body, StringComparison.Ordinal);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        using var asked = JsonDocument.Parse(sent.Body);
        Assert.False(asked.RootElement.GetProperty("store").GetBoolean());
        Assert.Equal("Hello", asked.RootElement.GetProperty("input")[0].GetProperty("content")[0].GetProperty("text").GetString());
        await UsedAsync();
    }

    [Fact]
    public async Task Under_a_budget_the_answer_has_a_cap_and_what_cannot_be_bounded_is_refused()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, "responses", OwnModel.Budget(_name, 100_000));
        using var answer = await client.PostAsync("/v1/responses", Gateway.Json($$"""{"model":"{{_name}}","input":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        using var asked = JsonDocument.Parse(sent.Body);
        Assert.Equal(4096, asked.RootElement.GetProperty("max_output_tokens").GetInt32());

        using var made = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var own = made.RootElement.GetProperty("id").GetString();
        foreach (var (field, value, code) in new[] { ("previous_response_id", $"\"{own}\"", "unbounded_input"), ("previous_response_id", "\"resp_1\"", "previous_response_not_found"), ("background", "true,\"stream\":true", "invalid_request") })
        {
            using var refused = await client.PostAsync("/v1/responses", Gateway.Json($$"""{"model":"{{_name}}","input":"Hello","{{field}}":{{value}}}"""));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            using var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Equal((field, code), (error.RootElement.GetProperty("error").GetProperty("param").GetString(), error.RootElement.GetProperty("error").GetProperty("code").GetString()));
        }

        Assert.Empty(provider.Requests);
    }

    private static Task<Upstream> StartAsync() => Upstream.StartAsync((http, request) =>
    {
        var streams = JsonDocument.Parse(request.Body).RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean();
        http.Response.ContentType = streams ? "text/event-stream" : "application/json";
        return http.Response.WriteAsync(streams ? Stream : Response, http.RequestAborted);
    });

    private async Task UsedAsync()
    {
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((12, 3, 5), (usage.InputTokens, usage.CachedTokens, usage.OutputTokens));
    }

    private async Task<HttpClient> ClientAsync(Upstream provider, string dialect, params string[] more) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: dialect), .. more]));
}
