using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>A model of its own with a cache, and a provider that says each time how often it was asked, whole or as events, as it is asked for.</summary>
internal sealed class CachedModel : IAsyncDisposable
{
    private readonly Gateway _gateway;
    private readonly Upstream _provider;

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CachedModel(Gateway gateway, Upstream provider, string name) => (_gateway, _provider, Name) = (gateway, provider, name);

    /// <summary>Of the model, provider and cache, and of its tenant.</summary>
    public string Name { get; }

    /// <summary>A key of its tenant.</summary>
    public string Key { get; private set; } = "";

    /// <summary>How often the provider was asked.</summary>
    public int Asked => _provider.Requests.Count;

    /// <summary>What the provider answers instead of answers; null: it is well.</summary>
    public int? Failure { get; set; }

    /// <summary>Lets the provider answer what has <c>wait</c> in it.</summary>
    public void Open() => _open.TrySetResult();

    /// <summary>Makes it.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="cache">Fields of the cache.</param>
    /// <param name="more">Documents besides.</param>
    public static async Task<CachedModel> StartAsync(Gateway gateway, string cache = "age: 1h", string more = "")
    {
        var asked = 0;
        CachedModel? model = null;
        var provider = await Upstream.StartAsync((http, request) => model!.AnswerAsync(http, request, Interlocked.Increment(ref asked)));
        model = new CachedModel(gateway, provider, $"m{Guid.NewGuid():n}"[..12]);
        model.Key = await OwnModel.ApplyAsync(gateway, model.Name, $$"""
            {{OwnModel.Bundle(model.Name, provider)}}
            cache: {{model.Name}}
            price: { input: "1 USD", output: "2 USD" }
            ---
            kind: Cache
            name: {{model.Name}}
            {{cache}}
            {{more.Replace("NAME", model.Name, StringComparison.Ordinal)}}
            """);
        return model;
    }

    /// <summary>Asks it something in OpenAI's dialect.</summary>
    public Task<HttpResponseMessage> AskAsync(string text, bool stream = false, string? control = null, string? key = null, CancellationToken leaves = default) => SendAsync(
        "/v1/chat/completions", $$"""{"model":"{{Name}}","messages":[{"role":"user","content":"{{text}}"}]{{(stream ? ""","stream":true""" : "")}}}""", control, key, leaves);

    /// <summary>Asks it something in Anthropic's dialect.</summary>
    public Task<HttpResponseMessage> MessageAsync(string text, bool stream = false, string? control = null) => SendAsync(
        "/v1/messages", $$"""{"max_tokens":64,"model":"{{Name}}","messages":[{"role":"user","content":"{{text}}"}],"stream":{{(stream ? "true" : "false")}}}""", control, null);

    /// <summary>Waits until an answer is kept, which may be a moment after its client had it.</summary>
    public static Task KeptAsync(Func<Task<HttpResponseMessage>> askForKept) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await askForKept();
            return answer.StatusCode is HttpStatusCode.OK;
        },
        "the answer is kept");

    /// <summary>What <c>Cache-Status</c> says; empty: nothing.</summary>
    public static string Status(HttpResponseMessage answer) => answer.Headers.TryGetValues("Cache-Status", out var values) ? values.Single() : "";

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    private async Task<HttpResponseMessage> SendAsync(string path, string body, string? control, string? key, CancellationToken leaves = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_gateway.Edge, path)) { Content = Gateway.Json(body) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key ?? Key}");
        if (control is not null)
        {
            request.Headers.TryAddWithoutValidation("Cache-Control", control);
        }

        using var client = _gateway.Client();
        return await client.SendAsync(request, leaves);
    }

    private async Task AnswerAsync(HttpContext http, ReceivedRequest request, int count)
    {
        using var body = JsonDocument.Parse(request.Body);
        var text = body.RootElement.GetProperty("messages")[0].GetProperty("content").ToString();
        if (text.Contains("wait", StringComparison.Ordinal))
        {
            await _open.Task.WaitAsync(http.RequestAborted);
        }

        if (Failure is not null || text.Contains("fail", StringComparison.Ordinal))
        {
            http.Response.StatusCode = Failure ?? 400;
            await http.Response.WriteAsync("""{"error":{"message":"no"}}""", http.RequestAborted);
            return;
        }

        var (said, stop) = (string.Create(CultureInfo.InvariantCulture, $"answer {count}"), text.Contains("filter", StringComparison.Ordinal) ? "content_filter" : "stop");
        if (!body.RootElement.TryGetProperty("stream", out var stream) || !stream.GetBoolean())
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(
                $$$"""{"id":"c","object":"chat.completion","created":1,"model":"any","choices":[{"index":0,"message":{"role":"assistant","content":"{{{said}}}"},"finish_reason":"{{{stop}}}"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}""",
                http.RequestAborted);
            return;
        }

        http.Response.ContentType = "text/event-stream";
        var events = new StringBuilder();
        foreach (var choices in new[]
        {
            $$$"""[{"index":0,"delta":{"role":"assistant","content":"{{{said[..3]}}}"},"finish_reason":null}]""",
            $$$"""[{"index":0,"delta":{"content":"{{{said[3..]}}}"},"finish_reason":null}]""",
            $$$"""[{"index":0,"delta":{},"finish_reason":"{{{stop}}}"}]""",
            """[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}""",
        })
        {
            events.Append("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"any\",\"choices\":").Append(choices).Append("}\n\n");
        }

        await http.Response.WriteAsync(text.Contains("cut", StringComparison.Ordinal) ? events.ToString()[..200] : $"{events}data: [DONE]\n\n", http.RequestAborted);
    }
}
