using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Embeddings over HTTP for OpenAI's callers, by providers of Gemini's dialect.</summary>
public sealed class EmbeddingsTests(SharedGateway shared)
{
    private const string Google = """{"embeddings":[{"values":[0.5,-1]},{"values":[0.25,2]}],"usageMetadata":{"promptTokenCount":7}}""";

    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"e{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task They_are_told_in_the_callers_form_and_charged_as_the_provider_says()
    {
        await using var provider = await StartAsync(Google);
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync("/v1/embeddings", Gateway.Json($$"""{"model":"{{_name}}","input":["one","two"],"dimensions":2,"user":"ann"}"""));

        Assert.Equal(
            """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]},{"object":"embedding","index":1,"embedding":[0.25,2]}],"model":"any","usage":{"prompt_tokens":7,"total_tokens":7}}""",
            await answer.Content.ReadAsStringAsync());
        Assert.Equal("user: it has no counterpart in the dialect gemini", Assert.Single(answer.Headers.GetValues("sluice-warnings")));
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal("/v1/models/any:batchEmbedContents", sent.Target);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((7, 0), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task Official_clients_ask_for_base64()
    {
        await using var provider = await StartAsync(Google);
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync("/v1/embeddings", Gateway.Json($$"""{"model":"{{_name}}","input":["one","two"],"encoding_format":"base64"}"""));
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        var bytes = body.RootElement.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal([0.5f, -1f], new[] { BitConverter.ToSingle(bytes, 0), BitConverter.ToSingle(bytes, 4) });
    }

    [Fact]
    public async Task Where_the_provider_tells_no_usage_the_input_is_estimated_and_told_as_it_is_charged()
    {
        await using var provider = await StartAsync("""{"embeddings":[{"values":[1]}]}""");
        using var client = await ClientAsync(provider);
        using var answer = await client.PostAsync("/v1/embeddings", Gateway.Json($$"""{"model":"{{_name}}","input":"one two three"}"""));
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        var told = body.RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetInt64();
        Assert.InRange(told, 3, 100);
        Assert.Equal(told, (await _gateway.Admin.UsageAsync(_name, 1)).InputTokens);
    }

    [Fact]
    public async Task Errors_are_those_of_the_callers_dialect_and_tokens_are_refused_by_the_field()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsync("""{"error":{"code":400,"message":"at most 100 requests can be in one batch","status":"INVALID_ARGUMENT"}}""", http.RequestAborted);
        });
        using var client = await ClientAsync(provider);
        using var refused = await client.PostAsync("/v1/embeddings", Gateway.Json($$"""{"model":"{{_name}}","input":[[1,2]]}"""));
        using var failed = await client.PostAsync("/v1/embeddings", Gateway.Json($$"""{"model":"{{_name}}","input":"one"}"""));

        Assert.Equal([(HttpStatusCode.BadRequest, "input[0]"), (HttpStatusCode.BadRequest, null)], [(refused.StatusCode, await ErrorAsync(refused, "param")), (failed.StatusCode, await ErrorAsync(failed, "param"))]);
        Assert.Equal("at most 100 requests can be in one batch", await ErrorAsync(failed, "message"));
        Assert.Single(provider.Requests);
    }

    private static async Task<string?> ErrorAsync(HttpResponseMessage answer, string field)
    {
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("error").GetProperty(field).GetString();
    }

    private static Task<Upstream> StartAsync(string answer) => Upstream.StartAsync((http, _) =>
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(answer, http.RequestAborted);
    });

    private async Task<HttpClient> ClientAsync(Upstream provider) => _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: "gemini")]));
}
