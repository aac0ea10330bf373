using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>Google's official client with embeddings and counts, unchanged, for models behind providers of OpenAI, Google, Vertex and Cohere; <c>node/embeddings.mjs</c> says what it saw.</summary>
public sealed class EmbeddingClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task It_notices_nothing_of_the_providers()
    {
        await using var openAI = await Upstream.StartAsync(AnswerAsOpenAIAsync);
        await using var cohere = await Upstream.StartAsync(AnswerAsCohereAsync);
        await using var google = await Upstream.StartAsync(AnswerAsGoogleAsync);
        await shared.Gateway.ApplyAsync($$"""
            kind: Provider
            name: openai-embeddings
            address: {{openAI.Address}}/v1
            ---
            kind: Provider
            name: google-embeddings
            dialect: gemini
            address: {{google.Address}}/v1beta
            ---
            kind: Provider
            name: vertex-embeddings
            dialect: gemini
            address: {{google.Address}}/v1/projects/p/locations/l/publishers/google
            ---
            kind: Provider
            name: cohere-embeddings
            dialect: cohere
            address: {{cohere.Address}}/v2
            ---
            kind: Provider
            name: anthropic-embeddings
            dialect: anthropic
            address: {{openAI.Address}}/v1
            ---
            kind: Model
            name: of-openai-embeddings
            targets: [{ provider: openai-embeddings, model: text-embedding-3-small }]
            ---
            kind: Model
            name: of-google-embeddings
            targets: [{ provider: google-embeddings, model: gemini-embedding-001 }]
            ---
            kind: Model
            name: of-vertex-embeddings
            targets: [{ provider: vertex-embeddings, model: text-embedding-005 }]
            ---
            kind: Model
            name: of-cohere-embeddings
            targets: [{ provider: cohere-embeddings, model: embed-v4.0 }]
            ---
            kind: Model
            name: of-anthropic-embeddings
            targets: [{ provider: anthropic-embeddings, model: claude }]
            """);
        string[] models = ["of-openai-embeddings", "of-google-embeddings", "of-vertex-embeddings", "of-cohere-embeddings"];
        var seen = await NodeScript.RunAsync("embeddings.mjs", [shared.Gateway.Edge.ToString().TrimEnd('/'), shared.Gateway.TenantKey, .. models]);

        foreach (var model in models)
        {
            Assert.Equal("1 0,0.5 3", seen[$"{model} one"]);
            Assert.Equal("0,0.5 | 1,0.5", seen[$"{model} several"]);
            Assert.Equal("ApiError 429 429 RESOURCE_EXHAUSTED Slow down", seen[$"{model} error"]);
            Assert.Equal("true", seen[$"{model} count"]);
        }

        Assert.Equal("ApiError 404 404 NOT_FOUND", seen["noModel"]);
        Assert.Equal("ApiError 400 400 INVALID_ARGUMENT The model 'of-anthropic-embeddings' gives no embeddings: its provider's dialect, anthropic, has none.", seen["noEmbeddings"]);
        Assert.All(google.Requests, request => Assert.DoesNotContain("of-", request.Target, StringComparison.Ordinal));
    }

    private static Task AnswerAsOpenAIAsync(HttpContext http, ReceivedRequest request)
    {
        var asked = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal("text-embedding-3-small", asked.GetProperty("model").GetString());
        return TellAsync(http, [.. asked.GetProperty("input").EnumerateArray().Select(text => text.GetString())], embeddings =>
            $$$"""{"object":"list","data":[{{{Join(embeddings.Select((e, i) => $$"""{"object":"embedding","index":{{i}},"embedding":{{e}}}"""))}}}],"usage":{"prompt_tokens":3,"total_tokens":3}}""");
    }

    private static Task AnswerAsCohereAsync(HttpContext http, ReceivedRequest request)
    {
        var asked = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal(("/v2/embed", "embed-v4.0"), (request.Target, asked.GetProperty("model").GetString()));
        Assert.Contains(asked.GetProperty("input_type").GetString(), new[] { "search_document", "clustering" });
        return TellAsync(http, [.. asked.GetProperty("texts").EnumerateArray().Select(text => text.GetString())], embeddings =>
            $$$"""{"id":"a","embeddings":{"float":[{{{Join(embeddings)}}}]},"texts":[],"meta":{"billed_units":{"input_tokens":3} } }""");
    }

    // Both of its forms, each where it belongs.
    private static Task AnswerAsGoogleAsync(HttpContext http, ReceivedRequest request)
    {
        var asked = JsonDocument.Parse(request.Body).RootElement;
        if (request.Target.EndsWith(":countTokens", StringComparison.Ordinal))
        {
            return http.Response.WriteAsync("""{"totalTokens":7}""", http.RequestAborted);
        }

        if (request.Target.EndsWith("/models/text-embedding-005:predict", StringComparison.Ordinal))
        {
            return TellAsync(http, [.. asked.GetProperty("instances").EnumerateArray().Select(i => i.GetProperty("content").GetString())], embeddings =>
                $$"""{"predictions":[{{Join(embeddings.Select(e => $$$"""{"embeddings":{"values":{{{e}}},"statistics":{"truncated":false,"token_count":3} } }"""))}}]}""");
        }

        Assert.EndsWith("/models/gemini-embedding-001:batchEmbedContents", request.Target, StringComparison.Ordinal);
        Assert.All(asked.GetProperty("requests").EnumerateArray(), r => Assert.Equal("models/gemini-embedding-001", r.GetProperty("model").GetString()));
        return TellAsync(http, [.. asked.GetProperty("requests").EnumerateArray().Select(r => r.GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString())], embeddings =>
            $$$"""{"embeddings":[{{{Join(embeddings.Select(e => $$"""{"values":{{e}}}"""))}}}],"usageMetadata":{"promptTokenCount":3}}""");
    }

    private static string Join(IEnumerable<string> items) => string.Join(',', items);

    private static Task TellAsync(HttpContext http, string?[] texts, Func<string[], string> tell)
    {
        var fails = texts is ["fail"];
        (http.Response.StatusCode, http.Response.ContentType) = (fails ? 429 : 200, "application/json");
        return http.Response.WriteAsync(fails
            ? """{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}"""
            : tell([.. texts.Select((_, i) => $"[{i},0.5]")]), http.RequestAborted);
    }
}
