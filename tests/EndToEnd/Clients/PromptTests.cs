using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Prompts used by name from each dialect; what the provider is sent is what counts.</summary>
public sealed class PromptTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"p{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"prompt/NAME","prompt":{"variables":{"text":"Ada"}},"messages":[{"role":"user","content":"More"}]}""")]
    [InlineData("/v1/chat/completions", """{"prompt":{"id":"NAME","version":"1","variables":{"text":"Ada"}},"messages":[{"role":"user","content":"More"}]}""")]
    [InlineData("/v1/responses", """{"prompt":{"id":"prompt/NAME","version":"1","variables":{"text":"Ada"}},"input":"More"}""")]
    [InlineData("/v1/messages", """{"model":"prompt/NAME@1","prompt":{"variables":{"text":"Ada"}},"messages":[{"role":"user","content":"More"}]}""")]
    [InlineData("/v1beta/models/prompt/NAME:generateContent", """{"prompt":{"variables":{"text":"Ada"}},"contents":[{"parts":[{"text":"More"}]}]}""")]
    public async Task A_prompt_is_rendered_before_what_the_caller_says(string path, string body)
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync(path.Replace("NAME", _name, StringComparison.Ordinal), Gateway.Json(body.Replace("NAME", _name, StringComparison.Ordinal)));

        Assert.True(provider.Requests.TryDequeue(out var sent), await answer.Content.ReadAsStringAsync());
        using var asked = JsonDocument.Parse(sent.Body);
        Assert.Equal("any", asked.RootElement.GetProperty("model").GetString());
        Assert.Equal(50, asked.RootElement.GetProperty("max_tokens").GetInt32());
        Assert.False(asked.RootElement.TryGetProperty("prompt", out _));
        var messages = asked.RootElement.GetProperty("messages").EnumerateArray().Select(m => $"{m.GetProperty("role")}: {TextOf(m.GetProperty("content"))}");
        Assert.Equal(["system: Be brief", "user: Sum up Ada", "user: More"], messages);
        Assert.Equal($"{_name}@1", Assert.Single(answer.Headers.GetValues("sluice-prompt")));
        await Eventually.TrueAsync(
            async () => (await _gateway.Admin.GetAsync($"attempts?tenant={_name}")).GetProperty("items").EnumerateArray().Any(call => string.Equals(call.GetProperty("prompt").GetString(), $"{_name}@1", StringComparison.Ordinal)),
            "the record of the call names the prompt and its version");
    }

    [Fact]
    public async Task A_new_live_version_answers_the_next_request_and_the_former_one_when_it_is_live_again()
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = await ClientAsync(provider);
        foreach (var live in new[] { "live: 1", "live: 2", "split: [{ version: 1, weight: 0 }, { version: 2, weight: 1 }]", "live: 1" })
        {
            var revision = await _gateway.ApplyAsync(Prompt(live));
            await _gateway.ServesAsync(revision);
            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(AskingOfAda));

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(provider.Requests.TryDequeue(out var sent));
            using var asked = JsonDocument.Parse(sent.Body);
            Assert.Equal(live is "live: 1" ? "Sum up Ada" : "Tell of Ada", asked.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString());
        }
    }

    [Theory]
    [InlineData("""{"model":"prompt/nobody"}""", 404, "The prompt 'nobody' does not exist")]
    [InlineData("""{"model":"prompt/NAME@9"}""", 404, "has no version 9; it has 1, 2")]
    [InlineData("""{"model":"prompt/NAME","prompt":{"variables":{"text":1}}}""", 400, "'prompt.variables.text'")]
    [InlineData("""{"model":"prompt/NAME","prompt":{"variables":{}}}""", 400, "'prompt.variables'")]
    [InlineData("""{"model":"prompt/NAME","prompt":{"id":"other"}}""", 400, "'prompt.id'")]
    [InlineData("""{"model":"prompt/NAME","prompt":{"variables":{"text":"a"}},"messages":{}}""", 400, "'messages'")]
    [InlineData("""{"model":"NAME","prompt":{"id":"NAME"}}""", 400, "'model'")]
    public async Task What_is_wrong_is_told_and_nothing_is_sent(string body, int status, string why)
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(body.Replace("NAME", _name, StringComparison.Ordinal)));
        using var error = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        Assert.Contains(why, error.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_budget_counts_the_rendered_text()
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = await ClientAsync(provider, OwnModel.Budget(_name, 2000));
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(JsonSerializer.Serialize(new { model = $"prompt/{_name}", prompt = new { variables = new { text = string.Concat(Enumerable.Repeat("many words ", 2000)) } } })));

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_key_uses_the_prompts_that_it_may_use_and_no_others_and_not_their_model_by_itself()
    {
        await using var provider = await OwnModel.StartAsync();
        using var all = await ClientAsync(provider);
        using var only = _gateway.Client(await KeyAsync($"prompt/{_name}"));
        using var other = _gateway.Client(await KeyAsync(_name));
        using var served = await only.PostAsync("/v1/chat/completions", Gateway.Json(AskingOfAda));
        using var refused = await other.PostAsync("/v1/chat/completions", Gateway.Json(AskingOfAda));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (served.StatusCode, refused.StatusCode));
        Assert.Equal(HttpStatusCode.NotFound, (await OwnModel.AskAsync(only, _name)).Status);
        using var list = JsonDocument.Parse(await only.GetStringAsync("/v1/models"));
        Assert.Equal([$"prompt/{_name}"], list.RootElement.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
        using var one = await only.GetAsync($"/v1/models/prompt/{_name}");
        using var hidden = await other.GetAsync($"/v1/models/prompt/{_name}");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (one.StatusCode, hidden.StatusCode));
    }

    [Fact]
    public async Task A_bundle_that_alters_a_version_is_refused_with_the_field()
    {
        await using var provider = await OwnModel.StartAsync();
        using var client = await ClientAsync(provider);
        var (status, answer) = await _gateway.Admin.SendAsync(HttpMethod.Post, "apply", Prompt("live: 1").Replace("Tell of", "Speak of", StringComparison.Ordinal), "application/yaml");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains($"Prompt/{_name}: versions[1].messages", answer.ToString(), StringComparison.Ordinal);
    }

    private string AskingOfAda => """{"model":"prompt/NAME","prompt":{"variables":{"text":"Ada"}}}""".Replace("NAME", _name, StringComparison.Ordinal);

    private async Task<string> KeyAsync(string model)
    {
        var (status, key) = await _gateway.Admin.SendAsync(HttpMethod.Post, $"tenants/{_name}/keys", JsonSerializer.Serialize(new { models = new[] { model } }));
        Assert.True(status is HttpStatusCode.Created or HttpStatusCode.OK, key.ToString());
        return key.GetProperty("key").GetString()!;
    }

    private async Task<HttpClient> ClientAsync(Upstream provider, params string[] more) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider), Prompt("live: 1"), .. more]));

    private string Prompt(string live) => $$$"""
        kind: Prompt
        name: {{{_name}}}
        {{{live}}}
        versions:
          - version: 1
            model: {{{_name}}}
            variables: { type: object, properties: { text: { type: string } }, required: [text] }
            parameters: { maxTokens: 50 }
            messages:
              - { role: system, content: "Be brief" }
              - { role: user, content: "Sum up {{ text }}" }
          - version: 2
            model: {{{_name}}}
            messages: [{ role: user, content: "Tell of {{ text }}" }]
            variables: { type: object }
        """;

    private static string? TextOf(JsonElement content) => content.ValueKind is JsonValueKind.String ? content.GetString() : content[0].GetProperty("text").GetString();
}
