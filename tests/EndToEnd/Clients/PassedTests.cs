using System.Net;
using System.Text;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>OpenAI's endpoints that pass through: moderations and pictures are routed, charged and refused like answers.</summary>
public sealed class PassedTests(SharedGateway shared)
{
    private const string Moderation = """{"id":"modr-1","model":"omni","results":[{"flagged":false}]}""";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"p{Guid.NewGuid():n}"[..12];

    private PassedModel Own => new(_gateway, _name);

    [Fact]
    public async Task Moderations_go_to_the_targets_model_and_their_input_is_counted()
    {
        await using var upstream = await PassedModel.AnswerAsync(Moderation);
        using var client = await Own.ClientAsync(upstream, "omni-moderation-2024-09-26");

        using var answer = await client.PostAsync("/v1/moderations", Gateway.Json($$$"""{"input":["Hello","there"],"model":"{{{_name}}}","unknown":{"model":1}}"""));

        Assert.Equal((HttpStatusCode.OK, Moderation), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        var sent = Assert.Single(upstream.Requests);
        Assert.Equal("/v1/moderations", sent.Target);
        Assert.Equal("""{"input":["Hello","there"],"model":"omni-moderation-2024-09-26","unknown":{"model":1}}""", Encoding.UTF8.GetString(sent.Body));
        Assert.Equal(_name, Assert.Single(answer.Headers.GetValues("sluice-provider")));
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal("estimated", source);
        Assert.InRange(usage.InputTokens, 2, 150);
        Assert.Equal(0, usage.OutputTokens);
    }

    [Fact]
    public async Task Moderations_without_a_model_are_of_the_one_that_OpenAI_takes_where_the_key_may_use_it()
    {
        await using var upstream = await PassedModel.AnswerAsync(Moderation);
        using var client = await Own.ClientAsync(upstream, "omni-moderation-2024-09-26");
        using (var missing = await client.PostAsync("/v1/moderations", Gateway.Json("""{"input":"Hello"}""")))
        {
            var error = await PassedModel.ErrorAsync(missing, HttpStatusCode.NotFound);
            Assert.Equal("model", error.GetProperty("param").GetString());
            Assert.Contains("'omni-moderation-latest'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.Contains("GET /v1/models", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await _gateway.ApplyAsync($$"""
            kind: Model
            name: omni-moderation-latest
            targets: [{ provider: {{_name}}, model: own-moderation }]
            """);
        using var answer = await client.PostAsync("/v1/moderations", Gateway.Json("""{"input":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}"""));
        await _gateway.Admin.DeleteAsync("models/omni-moderation-latest");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"model":"own-moderation","input":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}""", Encoding.UTF8.GetString(Assert.Single(upstream.Requests).Body));
    }

    [Fact]
    public async Task Pictures_are_charged_by_the_usage_that_is_told_at_the_models_price()
    {
        await using var upstream = await PassedModel.AnswerAsync("""{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"total_tokens":1100,"input_tokens":100,"output_tokens":1000,"input_tokens_details":{"text_tokens":40,"image_tokens":60}}}""");
        using var client = await Own.ClientAsync(upstream, "gpt-image-1", "price: { input: \"5 USD\", inputImage: \"10 USD\", output: \"40 USD\" }");

        // With a prompt of its own meaning beside Sluice's prompts.
        using var answer = await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat","size":"1024x1024"}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("0.0408", Assert.Single(answer.Headers.GetValues("sluice-cost")));
        Assert.Equal("""{"model":"gpt-image-1","prompt":"a cat","size":"1024x1024"}""", Encoding.UTF8.GetString(Assert.Single(upstream.Requests).Body));
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("reported", 100, 1000), (source, usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task Pictures_whose_usage_is_not_told_are_charged_by_what_they_can_have_and_the_price_of_a_request()
    {
        await using var upstream = await PassedModel.AnswerAsync("""{"created":1,"data":[{"url":"https://example.com/a.png"},{"url":"https://example.com/b.png"}]}""");
        using var client = await Own.ClientAsync(upstream, "dall-e-2", "price: { input: \"0 USD\", request: \"0.04 USD\" }");

        using var answer = await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat","n":2}"""));

        Assert.Equal("0.04", Assert.Single(answer.Headers.GetValues("sluice-cost")));
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("estimated", 2 * 8192), (source, usage.OutputTokens));
    }

    [Fact]
    public async Task A_stream_of_pictures_goes_out_as_it_comes_and_its_usage_is_read()
    {
        const string Events = """
            event: image_generation.partial_image
            data: {"type":"image_generation.partial_image","b64_json":"AAAA","partial_image_index":0}

            event: image_generation.completed
            data: {"type":"image_generation.completed","b64_json":"AAAA","usage":{"total_tokens":30,"input_tokens":10,"output_tokens":20}}


            """;
        await using var upstream = await PassedModel.AnswerAsync(Events, "text/event-stream");
        using var client = await Own.ClientAsync(upstream, "gpt-image-1");

        using var answer = await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat","stream":true,"partial_images":1}"""));

        Assert.Equal(Events, await answer.Content.ReadAsStringAsync());
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("reported", 10, 20), (source, usage.InputTokens, usage.OutputTokens));
    }

    [Theory]
    [InlineData("/v1/moderations", """{"model":"@"}""", "input", "Missing required parameter: 'input'")]
    [InlineData("/v1/moderations", """{"model":7,"input":"Hello"}""", "model", "'model' must be a string")]
    [InlineData("/v1/images/generations", """{"prompt":"a cat"}""", "model", "You must provide a model")]
    [InlineData("/v1/images/generations", """{"model":"@"}""", "prompt", "Missing required parameter: 'prompt'")]
    [InlineData("/v1/images/generations", """{"model":"@","prompt":"a cat","n":0}""", "n", "whole number from 1 to 100")]
    [InlineData("/v1/images/generations", """{"model":"@","prompt":"a cat","n":"2"}""", "n", "whole number from 1 to 100")]
    [InlineData("/v1/audio/speech", """{"model":"@","model":"other","input":"Hello"}""", "model", "stands twice")]
    [InlineData("/v1/audio/speech", """{"model":"@","input":"Hello",}""", null, "not valid JSON, at line 1")]
    [InlineData("/v1/audio/speech", "[]", null, "must be a JSON object")]
    [InlineData("/v1/audio/speech", "", null, "not valid JSON")]
    public async Task A_bad_body_is_told_with_its_field_and_nothing_is_sent(string path, string body, string? field, string message)
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        using var client = await Own.ClientAsync(upstream, "any");

        using var answer = await client.PostAsync(path, Gateway.Json(body.Replace("@", _name, StringComparison.Ordinal)));

        var error = await PassedModel.ErrorAsync(answer, HttpStatusCode.BadRequest);
        Assert.Equal(field, error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("/v1/moderations", "anthropic")]
    [InlineData("/v1/audio/speech", "gemini")]
    [InlineData("/v1/images/generations", "responses")]
    public async Task Only_providers_of_OpenAIs_dialect_serve_them(string path, string dialect)
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream, dialect: dialect)));

        using var answer = await client.PostAsync(path, Gateway.Json($$"""{"model":"{{_name}}","input":"Hello","prompt":"a cat"}"""));

        var error = await PassedModel.ErrorAsync(answer, HttpStatusCode.BadRequest);
        Assert.Equal("model", error.GetProperty("param").GetString());
        Assert.Contains($"is not for {path}: only providers of the dialect openai serve it, and '{_name}' is of the dialect {dialect}", error.GetProperty("message").GetString()!.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Of_several_targets_those_that_can_serve_it_are_asked_one_after_the_other()
    {
        await using var failing = await PassedModel.AnswerAsync("{}", status: 500);
        await using var upstream = await PassedModel.AnswerAsync(Moderation);
        var key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle($"{_name}-x", failing, dialect: "anthropic"), OwnModel.Bundle($"{_name}-f", failing), OwnModel.Bundle($"{_name}-o", upstream), $$"""
            kind: Model
            name: {{_name}}
            strategy: priority
            targets: [{ provider: {{_name}}-x, model: x, priority: 1 }, { provider: {{_name}}-f, model: failing-one, priority: 2 }, { provider: {{_name}}-o, model: omni, priority: 3 }]
            """);
        using var client = _gateway.Client(key);

        using var answer = await client.PostAsync("/v1/moderations", Gateway.Json($$"""{"model":"{{_name}}","input":"Hello"}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"model":"failing-one","input":"Hello"}""", Encoding.UTF8.GetString(Assert.Single(failing.Requests).Body));
        Assert.Equal("""{"model":"omni","input":"Hello"}""", Encoding.UTF8.GetString(Assert.Single(upstream.Requests).Body));
    }

    [Fact]
    public async Task Models_that_a_key_may_not_use_budgets_and_methods_are_as_with_answers()
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Budget(_name, 100)));
        var other = (await _gateway.Admin.PostAsync($"tenants/{_name}/keys", new { models = new[] { "other" } })).GetProperty("key").GetString()!;
        using var barred = _gateway.Client(other);
        var picture = $$"""{"model":"{{_name}}","prompt":"a cat"}""";

        using var unknown = await barred.PostAsync("/v1/images/generations", Gateway.Json(picture));
        Assert.Equal("model_not_found", (await PassedModel.ErrorAsync(unknown, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        using var spent = await client.PostAsync("/v1/images/generations", Gateway.Json(picture));
        Assert.Equal("insufficient_quota", (await PassedModel.ErrorAsync(spent, HttpStatusCode.TooManyRequests)).GetProperty("code").GetString());
        using var method = await client.GetAsync("/v1/audio/speech");
        Assert.Equal("method_not_allowed", (await PassedModel.ErrorAsync(method, HttpStatusCode.MethodNotAllowed)).GetProperty("code").GetString());
        Assert.Empty(upstream.Requests);
    }
}
