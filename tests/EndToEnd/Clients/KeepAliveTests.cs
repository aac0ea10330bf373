using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>What clients of streams hear while the provider is silent, and what of a provider's comments counts.</summary>
public sealed class KeepAliveTests(KeepAliveTests.Impatient shared) : IClassFixture<KeepAliveTests.Impatient>
{
    private const string Comment = ": keep-alive\n\n";
    private const string Word = """data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Well"},"finish_reason":null}]}""" + "\n\n";
    private const string End = """data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""" + "\n\ndata: [DONE]\n\n";
    private readonly Gateway _gateway = shared.Gateway;

    /// <summary>A gateway that speaks soon.</summary>
    public sealed class Impatient : IAsyncLifetime
    {
        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__EDGE__STREAMKEEPALIVE"] = "100ms" });

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/chat/completions", "", Comment)]
    [InlineData("/v1/messages", "\"max_tokens\":9,", "event: ping\ndata: {\"type\":\"ping\"}\n\n")]
    [InlineData("/v1beta/models/NAME:streamGenerateContent?alt=sse", "", null)]
    public async Task A_client_hears_what_its_dialect_has_for_it_once_the_stream_has_begun(string path, string more, string? word)
    {
        var (begins, ends) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(": processing\n\n", http.RequestAborted);
            await begins.Task;
            await http.Response.WriteAsync(Word, http.RequestAborted);
            await ends.Task;
            await http.Response.WriteAsync(End, http.RequestAborted);
        });
        var name = $"q{Guid.NewGuid():n}"[..12];
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, name, OwnModel.Bundle(name, upstream)));
        using var request = new HttpRequestMessage(HttpMethod.Post, path.Replace("NAME", name, StringComparison.Ordinal))
        {
            Content = Gateway.Json(path.Contains("v1beta", StringComparison.Ordinal)
                ? """{"contents":[{"parts":[{"text":"Hello"}]}]}"""
                : $$"""{"model":"{{name}}","stream":true,{{more}}"messages":[{"role":"user","content":"Hello"}]}"""),
        };
        var answering = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await Task.WhenAny(answering, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System));
        begins.SetResult();
        using var answer = await answering;
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var heard = "";
        while (Count() < (word is null ? 0 : 2) || !heard.Contains("Well", StringComparison.Ordinal))
        {
            heard += await reader.ReadLineAsync() + "\n";
        }

        var before = heard[..heard.IndexOf("Well", StringComparison.Ordinal)];
        ends.SetResult();
        heard += await reader.ReadToEndAsync();
        Assert.DoesNotContain("keep-alive", before, StringComparison.Ordinal);
        Assert.Contains("stop", heard, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(word is null, Count() == 0);

        int Count() => word is null ? 0 : heard.Split(word).Length - 1;
    }

    [Fact]
    public async Task A_comment_is_no_first_token_and_another_target_answers()
    {
        await using var slow = await Upstream.StartAsync(async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            while (true)
            {
                await http.Response.WriteAsync(": processing\n\n", http.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, http.RequestAborted);
            }
        });
        await using var good = await Upstream.StartAsync((http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            return http.Response.WriteAsync(Word + End, http.RequestAborted);
        });
        const string Models = """
            kind: Model
            name: patient
            strategy: priority
            timeouts: { firstToken: 500ms }
            targets: [{ provider: slow, model: any, priority: 1 }, { provider: good, model: any, priority: 2 }]
            ---
            kind: Model
            name: hedged
            strategy: priority
            hedge: { after: 50ms }
            targets: [{ provider: slow, model: other, priority: 1 }, { provider: good, model: any, priority: 2 }]
            """;
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, "comments", OwnModel.Bundle("slow", slow), OwnModel.Bundle("good", good), Models));
        foreach (var model in new[] { "patient", "hedged" })
        {
            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":"Hello"}]}"""));
            var heard = await answer.Content.ReadAsStringAsync();
            Assert.Equal("good", Assert.Single(answer.Headers.GetValues("sluice-provider")));
            Assert.StartsWith(Word, heard, StringComparison.Ordinal);
            Assert.EndsWith("data: [DONE]\n\n", heard, StringComparison.Ordinal);
        }
    }
}
