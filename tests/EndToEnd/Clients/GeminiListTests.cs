using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Gemini's streams as a JSON list, for clients that do not ask for events.</summary>
public sealed class GeminiListTests(SharedGateway shared)
{
    private const string First = """{"candidates":[{"content":{"parts":[{"text":"H"}],"role":"model"},"index":0}],"odd":[1]}""";
    private const string Last = """{"candidates":[{"content":{"parts":[{"text":"i"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"totalTokenCount":15}}""";
    private const string Body = """{"contents":[{"parts":[{"text":"Hello"}]}]}""";

    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"l{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Of_a_provider_of_the_same_dialect_each_item_is_an_event_as_it_came_and_in_its_time()
    {
        var more = new TaskCompletionSource();
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            await EventAsync(http, First);
            await more.Task.WaitAsync(http.RequestAborted);
            await EventAsync(http, Last);
        });
        using var client = await ClientAsync(provider, "gemini");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path()) { Content = Gateway.Json(Body) };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var begun = new char[First.Length + 1];
        await reader.ReadBlockAsync(begun);
        more.SetResult();

        Assert.Equal($"[{First}", new string(begun));
        Assert.Equal($",\r\n{Last}]", await reader.ReadToEndAsync());
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(provider.Requests.TryDequeue(out var sent));
        Assert.Equal("/v1/models/any:streamGenerateContent?alt=sse", sent.Target);
        Assert.Equal(12, (await _gateway.Admin.UsageAsync(_name, 1)).InputTokens);
    }

    [Fact]
    public async Task Of_a_provider_of_another_dialect_the_translated_events_are_the_items()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) => EventAsync(
            http,
            """{"id":"c","model":"gpt","system_fingerprint":"f","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}""",
            """{"id":"c","model":"gpt","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}}""",
            "[DONE]"));
        using var client = await ClientAsync(provider, "openai");
        var items = await AskAsync(client, HttpStatusCode.OK);

        Assert.Equal("Hi", items[0].GetProperty("candidates")[0].GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString());
        Assert.Contains(items, item => item.TryGetProperty("usageMetadata", out var usage) && usage.GetProperty("promptTokenCount").GetInt32() == 12);
        Assert.Contains(items, item => item.TryGetProperty("sluiceWarnings", out var warnings) && warnings.GetString()!.Contains("Gemini's dialect has no such field", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_is_the_only_item()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 429;
            return http.Response.WriteAsync("""{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}""", http.RequestAborted);
        });
        using var client = await ClientAsync(provider, "gemini");

        var refused = Assert.Single(await AskAsync(client, HttpStatusCode.TooManyRequests));
        Assert.Equal("slow down", refused.GetProperty("error").GetProperty("message").GetString());
        var missing = Assert.Single(await AskAsync(client, HttpStatusCode.NotFound, path: "/v1beta/models/nobody:streamGenerateContent"));
        Assert.Equal("NOT_FOUND", missing.GetProperty("error").GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_error_amid_the_stream_is_the_last_item()
    {
        var more = new TaskCompletionSource();
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            await EventAsync(http, First);
            await more.Task.WaitAsync(http.RequestAborted);
            http.Abort();
        });
        using var client = await ClientAsync(provider, "gemini");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path()) { Content = Gateway.Json(Body) };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var begun = new char[First.Length + 1];
        await reader.ReadBlockAsync(begun);
        more.SetResult();

        var items = JsonSerializer.Deserialize<JsonElement[]>(new string(begun) + await reader.ReadToEndAsync())!;
        Assert.Equal((2, "UNAVAILABLE"), (items.Length, items[1].GetProperty("error").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Where_the_gateway_cuts_the_answer_the_last_item_says_so()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) => EventAsync(http, [.. Enumerable.Repeat(First.Replace("\"H\"", "\"word \"", StringComparison.Ordinal), 400)]));
        using var client = await ClientAsync(provider, "gemini", OwnModel.Budget(_name, 5000));
        var items = await AskAsync(client, HttpStatusCode.OK, body: Body.Replace("]}]}", "]}],\"generationConfig\":{\"maxOutputTokens\":20}}", StringComparison.Ordinal));

        Assert.InRange(items.Length, 20, 100);
        Assert.Equal("MAX_TOKENS", items[^1].GetProperty("candidates")[0].GetProperty("finishReason").GetString());
    }

    [Fact]
    public async Task A_repeat_by_its_key_is_the_same_list()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) => EventAsync(http, First, Last));
        using var client = await ClientAsync(provider, "gemini");
        client.DefaultRequestHeaders.Add("Idempotency-Key", _name);
        var texts = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var answer = await client.PostAsync(Path(), Gateway.Json(Body));
            texts.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal([$"[{First},\r\n{Last}]", $"[{First},\r\n{Last}]"], texts);
        Assert.Single(provider.Requests);
    }

    private static async Task EventAsync(HttpContext http, params string[] events)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        foreach (var data in events)
        {
            await http.Response.WriteAsync($"data: {data}\n\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private string Path() => $"/v1beta/models/{_name}:streamGenerateContent";

    private async Task<JsonElement[]> AskAsync(HttpClient client, HttpStatusCode status, string? path = null, string body = Body)
    {
        using var answer = await client.PostAsync(path ?? Path(), Gateway.Json(body));
        Assert.Equal(status, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement[]>(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<HttpClient> ClientAsync(Upstream provider, string dialect, params string[] more) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: dialect), .. more]));
}
