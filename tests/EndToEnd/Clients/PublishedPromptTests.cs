using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Prompts as APIs of their own: typed input, typed output, a stream, problem details, their description, and the command that tries them.</summary>
public sealed class PublishedPromptTests(SharedGateway shared)
{
    private const string Text = "{{ text }}";
    private const string Usage = """{"prompt_tokens":7,"completion_tokens":5}""";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"a{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_prompt_is_called_at_its_path_with_its_variables_and_answers_an_object()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync($"/prompts/{_name}", Gateway.Json("""{"text":"Ada"}"""));
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"mood":"good"}""", body.RootElement.GetProperty("text").GetString());
        Assert.Equal("good", body.RootElement.GetProperty("output").GetProperty("mood").GetString());
        Assert.Equal(("stop", 7, 5), (body.RootElement.GetProperty("finishReason").GetString(), body.RootElement.GetProperty("usage").GetProperty("inputTokens").GetInt32(), body.RootElement.GetProperty("usage").GetProperty("outputTokens").GetInt32()));
        Assert.Equal($"{_name}@1", Assert.Single(answer.Headers.GetValues("sluice-prompt")));
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Contains("Judge Ada", System.Text.Encoding.UTF8.GetString(sent.Body), StringComparison.Ordinal);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((7, 5), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task Its_answer_is_streamed_to_who_accepts_events()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var answer = await client.PostAsync($"/v1/prompts/{_name}@1", Gateway.Json("""{"text":"Ada"}"""));

        Assert.Equal(
            """data: {"text":"go"}""" + "\n\n" + """data: {"text":"od"}""" + "\n\n" + """
            event: end
            data: {"finishReason":"stop","usage":{"inputTokens":7,"outputTokens":5}}


            """.Replace("\r", "", StringComparison.Ordinal),
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"text":1}""", HttpStatusCode.BadRequest, "text")]
    [InlineData("""[]""", HttpStatusCode.BadRequest, null)]
    [InlineData("", HttpStatusCode.BadRequest, "body")]
    public async Task What_is_wrong_is_told_as_problem_details(string body, HttpStatusCode status, string? field)
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync($"/prompts/{_name}", Gateway.Json(body));
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("urn:sluice:problem:invalid-request", problem.RootElement.GetProperty("type").GetString());
        Assert.Equal(field, problem.RootElement.TryGetProperty("field", out var told) ? told.GetString() : null);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task The_edge_describes_it_in_OpenAPI()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);
        using var document = JsonDocument.Parse(await client.GetStringAsync("/v1/openapi.json"));
        var post = document.RootElement.GetProperty("paths").GetProperty($"/prompts/{_name}").GetProperty("post");
        Assert.Equal("string", post.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("properties").GetProperty("text").GetProperty("type").GetString());
        Assert.Equal("object", post.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("properties").GetProperty("output").GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_command_line_renders_and_tries_it()
    {
        await using var provider = await StartAsync();
        var key = await ApplyAsync(provider);
        var shell = new Shell(_gateway);
        string[] there = ["--edge", _gateway.Edge.ToString(), "--key", key];

        Assert.Contains("Judge Ada", await shell.DoneAsync(["prompt", "test", _name, "--var", "text=Ada", "--render", .. there]), StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
        var (code, output, errors) = await shell.RunAsync(["prompt", "test", _name, "--prompt-version", "1", "--var", "text=Ada", .. there]);
        Assert.Equal((0, """{"mood":"good"}"""), (code, output.Trim()));
        Assert.StartsWith($"{_name}@1: 7 tokens read, 5 written", errors, StringComparison.Ordinal);
        Assert.Contains("'text'", await shell.FailsAsync(1, ["prompt", "test", _name, "--var", "text=1", .. there]), StringComparison.Ordinal);
        Assert.Contains("--var must be name=value", await shell.FailsAsync(2, ["prompt", "test", _name, "--var", "text", .. there]), StringComparison.Ordinal);
    }

    private static Task<Upstream> StartAsync() => Upstream.StartAsync((http, request) =>
    {
        var streams = JsonDocument.Parse(request.Body).RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean();
        http.Response.ContentType = streams ? "text/event-stream" : "application/json";
        return http.Response.WriteAsync(
            streams
                ? """data: {"id":"c","model":"gpt","choices":[{"index":0,"delta":{"content":"go"}}]}""" + "\n\n" + """data: {"id":"c","model":"gpt","choices":[{"index":0,"delta":{"content":"od"},"finish_reason":"stop"}]}""" + "\n\n" + $$"""data: {"id":"c","model":"gpt","choices":[],"usage":{{Usage}} }""" + "\n\ndata: [DONE]\n\n"
                : $$"""{"id":"c","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"{\"mood\":\"good\"}"},"finish_reason":"stop"}],"usage":{{Usage}} }""",
            http.RequestAborted);
    });

    private async Task<HttpClient> ClientAsync(Upstream provider) => _gateway.Client(await ApplyAsync(provider));

    private Task<string> ApplyAsync(Upstream provider) => OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, provider), $$"""
        kind: Prompt
        name: {{_name}}
        version: 1
        model: {{_name}}
        publish: { path: /prompts/{{_name}} }
        variables: { type: object, properties: { text: { type: string } }, required: [text] }
        parameters: { responseSchema: { type: object, properties: { mood: { type: string } } } }
        messages:
          - { role: user, content: "Judge {{Text}}" }
        """);
}
