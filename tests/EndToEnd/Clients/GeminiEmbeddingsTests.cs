using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Embeddings over HTTP for Gemini's callers, by providers of OpenAI's dialect and of its own.</summary>
public sealed class GeminiEmbeddingsTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"g{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task They_are_told_in_the_form_asked_for_and_charged_as_a_provider_of_OpenAIs_says()
    {
        await using var provider = await Upstream.StartAsync(AnswerAsOpenAIAsync);
        using var client = await ClientAsync(provider, "openai");
        var one = await AskAsync(client, $"/v1beta/models/{_name}:embedContent", """{"content":{"parts":[{"text":"one"}]},"outputDimensionality":2,"taskType":"CLUSTERING"}""");
        var several = await AskAsync(client, $"/v1beta/models/{_name}:batchEmbedContents", $$$"""{"requests":[{"model":"models/{{{_name}}}","content":{"parts":[{"text":"one"}]}},{"model":"models/{{{_name}}}","content":{"parts":[{"text":"two"}]}}]}""");
        var predicted = await AskAsync(client, $"/v1/projects/p/locations/l/publishers/google/models/{_name}:predict", """{"instances":[{"content":"one"}],"parameters":{"autoTruncate":false}}""");

        Assert.Equal((HttpStatusCode.OK, """{"embedding":{"values":[0,0.5]},"usageMetadata":{"promptTokenCount":3}}""", "taskType: it has no counterpart in the dialect openai"), one);
        Assert.Equal((HttpStatusCode.OK, """{"embeddings":[{"values":[0,0.5]},{"values":[1,0.5]}],"usageMetadata":{"promptTokenCount":6}}""", ""), several);
        Assert.Equal((HttpStatusCode.OK, """{"predictions":[{"embeddings":{"values":[0,0.5]}}],"usageMetadata":{"promptTokenCount":3}}""", ""), predicted);
        Assert.Equal(
            ["""{"model":"any","input":["one"],"dimensions":2}""", """{"model":"any","input":["one","two"]}""", """{"model":"any","input":["one"]}"""],
            provider.Requests.Select(r => Encoding.UTF8.GetString(r.Body)));
        Assert.All(provider.Requests, request => Assert.Equal("/v1/embeddings", request.Target));
        var usage = await _gateway.Admin.UsageAsync(_name, 3);
        Assert.Equal((12, 0), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task To_a_provider_of_the_same_form_the_bytes_pass_with_its_models_name()
    {
        await using var provider = await Upstream.StartAsync(static (http, request) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(request.Target.EndsWith(":embedContent", StringComparison.Ordinal)
                ? """{"embedding":{"values":[0.5], "odd": 1},"usageMetadata":{"promptTokenCount":4}}"""
                : """{"embeddings":[{"values":[0.5]}]}""", http.RequestAborted);
        });
        using var client = await ClientAsync(provider, "gemini");
        var one = await AskAsync(client, $"/v1beta/models/{_name}:embedContent", $$$"""{ "model":"models/{{{_name}}}","content":{"parts":[{"text":"one"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}, "odd":[1]}""");
        var several = await AskAsync(client, $"/v1beta/models/{_name}:batchEmbedContents", $$$"""{"requests":[{"model":"models/{{{_name}}}","content":{"parts":[{"text":"one two three four"}]}}]}""");

        Assert.Equal((HttpStatusCode.OK, """{"embedding":{"values":[0.5], "odd": 1},"usageMetadata":{"promptTokenCount":4}}""", ""), one);
        Assert.Equal((HttpStatusCode.OK, """{"embeddings":[{"values":[0.5]}]}""", ""), several);
        Assert.Equal(
            [("/v1/models/any:embedContent", """{ "model":"models/any","content":{"parts":[{"text":"one"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}, "odd":[1]}"""),
                ("/v1/models/any:batchEmbedContents", """{"requests":[{"model":"models/any","content":{"parts":[{"text":"one two three four"}]}}]}""")],
            provider.Requests.Select(r => (r.Target, Encoding.UTF8.GetString(r.Body))));

        // Where no usage is told the texts are counted, and not the bytes of a request.
        Assert.InRange((await _gateway.Admin.UsageAsync(_name, 2)).InputTokens, 8, 150);
    }

    [Fact]
    public async Task Errors_are_in_Geminis_form_and_name_the_field()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 429;
            return http.Response.WriteAsync("""{"error":{"message":"Slow down","type":"requests"}}""", http.RequestAborted);
        });
        using var client = await ClientAsync(provider, "openai");
        (string Model, string Action, string Body, int Status, string Word, string Says)[] cases =
        [
            (_name, "embedContent", """{"content":{"parts":[{"text":"one"}]}}""", 429, "RESOURCE_EXHAUSTED", "Slow down"),
            (_name, "embedContent", """{"content":{"parts":[{"text":"one"},{"text":"two"}]}}""", 400, "INVALID_ARGUMENT", "'content.parts[1]': A content of one text alone"),
            (_name, "embedContent", """{"model":"models/other","content":{}}""", 400, "INVALID_ARGUMENT", "'model': It must be the model that the path names"),
            (_name, "batchEmbedContents", """{"requests":[]}""", 400, "INVALID_ARGUMENT", "Missing required parameter: 'requests'."),
            (_name, "batchEmbedContents", "{", 400, "INVALID_ARGUMENT", "The request body is not valid JSON"),
            ("nobody", "embedContent", """{"content":{"parts":[{"text":"one"}]}}""", 404, "NOT_FOUND", "The model 'nobody' does not exist"),
            (_name, "embedContent", "{\"content\":{\"parts\":[{\"text\":\"one\"}]},\"x\":" + new string('[', 150) + new string(']', 150) + "}", 429, "RESOURCE_EXHAUSTED", "Slow down"),
            (_name, "generateContent", "{\"contents\":[{\"parts\":[{\"text\":\"one\"}]}],\"x\":" + new string('[', 150) + new string(']', 150) + "}", 429, "RESOURCE_EXHAUSTED", "Slow down"),
        ];
        foreach (var (model, action, body, status, word, says) in cases)
        {
            var (got, told, _) = await AskAsync(client, $"/v1beta/models/{model}:{action}", body);
            var error = JsonDocument.Parse(told).RootElement.GetProperty("error");
            Assert.Equal((status, status, word), ((int)got, error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString()));
            Assert.StartsWith(says, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_kept_of_one_way_is_not_told_for_the_other()
    {
        await using var provider = await Upstream.StartAsync(static (http, request) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(request.Target.EndsWith(":embedContent", StringComparison.Ordinal)
                ? """{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":4}}"""
                : """{"embeddings":[{"values":[2]}],"usageMetadata":{"promptTokenCount":4}}""", http.RequestAborted);
        });
        var bundle = $"kind: Cache\nname: {_name}\nage: 1h\n---\n{OwnModel.Bundle(_name, provider, dialect: "gemini")}\ncache: {_name}";
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, bundle));
        const string Both = """{"content":{"parts":[{"text":"one"}]},"requests":[{"content":{"parts":[{"text":"one"}]}}]}""";
        foreach (var time in new[] { 1, 2 })
        {
            Assert.Contains("\"embedding\":", (await AskAsync(client, $"/v1beta/models/{_name}:embedContent", Both)).Body, StringComparison.Ordinal);
            Assert.Contains("\"embeddings\":", (await AskAsync(client, $"/v1beta/models/{_name}:batchEmbedContents", Both)).Body, StringComparison.Ordinal);
            Assert.InRange(provider.Requests.Count, 2, 2 * time);
        }
    }

    [Fact]
    public async Task An_answer_with_fewer_embeddings_than_texts_is_an_error_of_the_providers()
    {
        await using var provider = await Upstream.StartAsync("""{"data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":2}}""");
        using var client = await ClientAsync(provider, "openai");
        var (status, body, _) = await AskAsync(client, $"/v1beta/models/{_name}:batchEmbedContents", """{"requests":[{"content":{"parts":[{"text":"one"}]}},{"content":{"parts":[{"text":"two"}]}}]}""");
        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("It has 1 embeddings for 2 texts.", body, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Body, string Warnings)> AskAsync(HttpClient client, string path, string body)
    {
        using var answer = await client.PostAsync(path, Gateway.Json(body));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.TryGetValues("sluice-warnings", out var warnings) ? warnings.Single() : "");
    }

    private static Task AnswerAsOpenAIAsync(HttpContext http, ReceivedRequest request)
    {
        var texts = JsonDocument.Parse(request.Body).RootElement.GetProperty("input").GetArrayLength();
        http.Response.ContentType = "application/json";
        var data = string.Join(',', Enumerable.Range(0, texts).Reverse().Select(i => $$"""{"object":"embedding","index":{{i}},"embedding":[{{i}},0.5]}"""));
        return http.Response.WriteAsync($$$"""{"object":"list","data":[{{{data}}}],"model":"any","usage":{"prompt_tokens":{{{3 * texts}}},"total_tokens":{{{3 * texts}}}}}""", http.RequestAborted);
    }

    // Limited in tokens, so that what is sent is counted too.
    private async Task<HttpClient> ClientAsync(Upstream provider, string dialect) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: dialect) + "\ntokenizer: o200k_base", OwnModel.Budget(_name, 200_000)]));
}
