using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Vertex over HTTP: Gemini's dialect at addresses of its own, for a service account whose key is a Secret.</summary>
public sealed class VertexTests(SharedGateway shared)
{
    private const string Place = "/v1/projects/p/locations/europe-west4/publishers/google";
    private const string Answer = """{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":1,"totalTokenCount":3},"modelVersion":"gemini","responseId":"r1"}""";

    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"v{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Requests_at_once_are_shown_by_one_access_token_at_Vertexs_own_address()
    {
        await using var tokens = await TokenService.StartAsync();
        await using var vertex = await StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [Secret(tokens.Key), Bundle(vertex)]));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OwnModel.AskAsync(client, _name)));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, true), (answer.Status, answer.Body.Contains("\"content\":\"Hi\"", StringComparison.Ordinal))));
        using var streamed = await client.PostAsync($"/v1beta/models/{_name}:streamGenerateContent?alt=sse", Gateway.Json("""{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}"""));
        Assert.Equal(HttpStatusCode.OK, streamed.StatusCode);

        Assert.Equal((1, null), (tokens.Exchanges, tokens.Wrong));
        Assert.All(vertex.Requests, sent => Assert.Equal(("Bearer access-1", false), (sent.Headers["Authorization"], sent.Headers.ContainsKey("x-goog-api-key"))));
        Assert.Equal([.. Enumerable.Repeat($"{Place}/models/gemini-2.5-flash:generateContent", 8), $"{Place}/models/gemini-2.5-flash:streamGenerateContent?alt=sse"], vertex.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task An_exchange_that_fails_is_told_as_the_providers_fault_and_never_with_the_key()
    {
        await using var tokens = await TokenService.StartAsync();
        await using var vertex = await StartAsync();
        tokens.Refusal = """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""";
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [Secret(tokens.Key), Bundle(vertex), OwnModel.Budget(_name, 5000)]));

        var (status, body) = await OwnModel.AskAsync(client, _name);
        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains($"Provider '{_name}' could not be asked, for its account was given no access token: ", body, StringComparison.Ordinal);
        Assert.Contains("answered 400, invalid_grant: Invalid JWT Signature.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", body, StringComparison.Ordinal);
        Assert.Empty(vertex.Requests);
        Assert.Equal(0, (await _gateway.Admin.UsageAsync(_name, 1)).InputTokens);
    }

    [Fact]
    public async Task Of_several_accounts_another_one_serves_where_one_is_given_no_access()
    {
        await using var well = await TokenService.StartAsync();
        await using var ill = await TokenService.StartAsync();
        await using var vertex = await StartAsync();
        ill.Refusal = """{"error":"invalid_grant"}""";
        var bundle = Bundle(vertex).Replace($"[{{ secret: {_name} }}]", $"[{{ secret: {_name} }}, {{ secret: {_name}-ill, weight: 1000 }}]", StringComparison.Ordinal);
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [Secret(well.Key), Secret(ill.Key, "-ill"), bundle]));

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        }

        Assert.Equal(5, vertex.Requests.Count);
        Assert.Equal(1, well.Exchanges);
    }

    [Fact]
    public async Task A_provider_that_repeats_the_access_token_in_an_error_is_not_repeated()
    {
        await using var tokens = await TokenService.StartAsync();
        await using var vertex = await Upstream.StartAsync(static (http, request) =>
        {
            http.Response.StatusCode = 403;
            return http.Response.WriteAsync($$$"""{"error":{"code":403,"message":"no access for {{{request.Headers["Authorization"]}}}","status":"PERMISSION_DENIED"}}""", http.RequestAborted);
        });
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [Secret(tokens.Key), Bundle(vertex)]));

        var (status, body) = await OwnModel.AskAsync(client, _name);
        Assert.Equal((HttpStatusCode.Forbidden, true), (status, body.Contains("no access for Bearer ***", StringComparison.Ordinal)));
    }

    /// <summary>Vertex as a provider, by the Secret of the same name, and a model.</summary>
    internal static string Bundle(string name, Upstream vertex) => $$"""
        kind: Provider
        name: {{name}}
        preset: vertex
        address: {{vertex.Address}}{{Place}}
        credentials: [{ secret: {{name}} }]
        ---
        kind: Model
        name: {{name}}
        targets: [{ provider: {{name}}, model: gemini-2.5-flash }]
        """;

    private static Task<Upstream> StartAsync() => Upstream.StartAsync(static (http, request) =>
    {
        var isStream = request.Target.Contains("stream", StringComparison.Ordinal);
        http.Response.ContentType = isStream ? "text/event-stream" : "application/json";
        return http.Response.WriteAsync(isStream ? $"data: {Answer}\n\n" : Answer, http.RequestAborted);
    });

    private string Secret(string key, string end = "") => $"kind: Secret\nname: {_name}{end}\nvalue: {JsonSerializer.Serialize(key)}";

    private string Bundle(Upstream vertex) => Bundle(_name, vertex);
}
