using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Requests with an <c>Idempotency-Key</c>: the provider is the witness of how often they were executed.</summary>
public sealed class IdempotencyTests(SharedGateway shared)
{
    private const string Event = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n";
    private const string Last = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}}\n\ndata: [DONE]\n\n";
    private const string Whole = """{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"word"}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}""";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"i{Guid.NewGuid():n}"[..12];
    private string _key = "";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeat_gets_the_same_answer_and_is_charged_once(bool stream)
    {
        await using var upstream = await Upstream.StartAsync((http, _) => AnswerAsync(http, stream));
        using var client = await ClientAsync(upstream);

        using var first = await SendAsync(client, "key-1", stream);
        using var repeat = await RepeatAsync(client, "key-1", stream);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, repeat.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await repeat.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, repeat.Content.Headers.ContentType);
        Assert.Equal("true", Header(repeat, "idempotent-replayed"));
        Assert.Equal(Header(first, "sluice-request-id"), Header(repeat, "sluice-replay-of"));
        Assert.NotEqual(Header(first, "sluice-request-id"), Header(repeat, "sluice-request-id"));
        foreach (var name in new[] { "sluice-cost", "sluice-price", "sluice-provider", "sluice-model", "x-of-the-provider" })
        {
            Assert.Equal(Header(first, name), Header(repeat, name));
        }

        Assert.StartsWith($"Model/{_name}@", Header(first, "sluice-price"), StringComparison.Ordinal);
        Assert.Equal(stream ? null : "0.000013", Header(first, "sluice-cost"));
        Assert.Single(upstream.Requests);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((5, 2), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task The_same_key_for_another_body_is_refused_and_of_another_caller_is_another_key()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) => AnswerAsync(http, stream: false));
        using var client = await ClientAsync(upstream);
        using var first = await SendAsync(client, "key-1", stream: false);

        using var other = await SendAsync(client, "key-1", stream: false, content: "Something else");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Contains("\"code\":\"idempotency_key_reused\"", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(upstream.Requests);

        using var neighbour = _gateway.Client((await _gateway.Admin.CreateKeyAsync(_name)).Key);
        using var theirs = await SendAsync(neighbour, "key-1", stream: false, content: "Something else");
        Assert.Equal(HttpStatusCode.OK, theirs.StatusCode);
        Assert.Equal(2, upstream.Requests.Count);
    }

    [Fact]
    public async Task A_repeat_while_the_first_is_under_way_is_told_to_wait_and_a_client_that_left_gets_its_whole_answer_later()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(Event, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await goOn.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync(Last, http.RequestAborted);
        });
        using var client = await ClientAsync(upstream);
        using (var leaves = _gateway.Client(_key))
        using (var first = await SendAsync(leaves, "key-1", stream: true, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await first.Content.ReadAsStreamAsync());
            Assert.StartsWith("data: {", await reader.ReadLineAsync(), StringComparison.Ordinal);
            using var meanwhile = await SendAsync(client, "key-1", stream: true);
            Assert.Equal(HttpStatusCode.Conflict, meanwhile.StatusCode);
            Assert.NotNull(meanwhile.Headers.RetryAfter);
            Assert.Contains("\"code\":\"idempotency_key_in_use\"", await meanwhile.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        goOn.SetResult();
        using var repeat = await RepeatAsync(client, "key-1", stream: true);

        // The usage is the gateway's own question, so its event stays out.
        Assert.Equal($"{Event}data: [DONE]\n\n", await repeat.Content.ReadAsStringAsync());
        Assert.Single(upstream.Requests);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((5, 2), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task What_was_not_executed_is_not_kept()
    {
        var isBusy = true;
        await using var upstream = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = Volatile.Read(ref isBusy) ? 429 : 200;
            return http.Response.WriteAsync(Whole, http.RequestAborted);
        });
        using var client = await ClientAsync(upstream);

        using var refused = await SendAsync(client, "key-1", stream: false);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Volatile.Write(ref isBusy, false);
        using var repeat = await RepeatAsync(client, "key-1", stream: false);
        Assert.Equal((HttpStatusCode.OK, null), (repeat.StatusCode, Header(repeat, "idempotent-replayed")));
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_told()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) => AnswerAsync(http, stream: false));
        using var client = await ClientAsync(upstream);
        using var answer = await SendAsync(client, new string('k', 256), stream: false);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"code\":\"invalid_idempotency_key\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;

    private static async Task AnswerAsync(HttpContext http, bool stream)
    {
        http.Response.Headers["x-of-the-provider"] = "some";
        http.Response.ContentType = stream ? "text/event-stream" : "application/json";
        await http.Response.WriteAsync(stream ? $"{Event}{Last}" : Whole, http.RequestAborted);
    }

    // The answer goes out before it is kept.
    private async Task<HttpResponseMessage> RepeatAsync(HttpClient client, string key, bool stream)
    {
        HttpResponseMessage? answer = null;
        await Eventually.TrueAsync(
            async () =>
            {
                answer?.Dispose();
                answer = await SendAsync(client, key, stream);
                return answer.StatusCode != HttpStatusCode.Conflict;
            },
            "the first request has ended");
        return answer!;
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpClient client, string key, bool stream, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead, string content = "Hello")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Gateway.Json($$"""{"model":"{{_name}}","max_tokens":100,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"{{content}}"}]}"""),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return client.SendAsync(request, until);
    }

    private async Task<HttpClient> ClientAsync(Upstream upstream)
    {
        _key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream) + "\nprice: { input: \"1.00 USD\", output: \"4.00 USD\" }");
        return _gateway.Client(_key);
    }
}
