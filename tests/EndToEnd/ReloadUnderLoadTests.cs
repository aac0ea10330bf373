using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>Changes of configuration while requests stream through.</summary>
public sealed class ReloadUnderLoadTests
{
    private const int RequestsPerSecond = 200;
    private const int Revisions = 100;
    private static readonly TimeSpan ApplyEvery = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_hundred_revisions_at_200_requests_a_second_fail_no_request_and_each_answer_is_of_one_revision()
    {
        await using var upstream = await Upstream.StartAsync(StreamAsync);
        await using var gateway = await Gateway.StartProcessAsync();

        // Each revision sends under another model name, which the upstream writes into every event: what was served shows in the body.
        string Bundle(int version) => string.Create(CultureInfo.InvariantCulture, $$"""
            kind: Provider
            name: echo
            dialect: openai
            address: {{upstream.Address}}/v1
            ---
            kind: Model
            name: echo
            targets: [{ provider: echo, model: version-{{version}} }]
            """);
        var byRevision = new ConcurrentDictionary<long, string> { [await gateway.ApplyAsync(Bundle(0))] = "version-0" };
        using var client = gateway.Client();
        var answers = new ConcurrentBag<Served>();
        using var end = new CancellationTokenSource();
        var load = LoadAsync(client, answers, end.Token);

        var last = 0L;
        using var pace = new PeriodicTimer(ApplyEvery);
        for (var version = 1; version <= Revisions; version++)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            last = await gateway.Admin.ApplyAsync(Bundle(version));
            byRevision[last] = string.Create(CultureInfo.InvariantCulture, $"version-{version}");
        }

        var applied = TimeProvider.System.GetTimestamp();
        await gateway.ServesAsync(last);
        var late = TimeProvider.System.GetElapsedTime(applied);
        await end.CancelAsync();
        await load;

        Assert.True(late < TimeSpan.FromSeconds(1), $"the last revision was served after {late.TotalMilliseconds} ms");
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.All(answers, a => Assert.Equal(byRevision[a.Revision], Assert.Single(a.Versions)));
        Assert.All(answers, a => Assert.True(a.Complete, "a stream ended without [DONE]"));
        Assert.True(answers.Select(a => a.Revision).Distinct().Count() > Revisions / 4, "too few revisions met a request for the test to say much");
    }

    private static async Task LoadAsync(HttpClient client, ConcurrentBag<Served> answers, CancellationToken end)
    {
        var running = new List<Task>();
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                for (var i = 0; i < RequestsPerSecond * Tick.TotalSeconds; i++)
                {
                    running.Add(CallAsync(client, answers));
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private static async Task CallAsync(HttpClient client, ConcurrentBag<Served> answers)
    {
        using var answer = await client.PostAsync(
            "/v1/chat/completions", Gateway.Json("""{"model":"echo","stream":true,"messages":[{"role":"user","content":"Hello"}]}"""));
        var text = await answer.Content.ReadAsStringAsync();
        var versions = text.Split('"').Where(p => p.StartsWith("version-", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToArray();
        answers.Add(new Served(answer.StatusCode, Gateway.RevisionOf(answer), versions, text.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal)));
    }

    private static async Task StreamAsync(HttpContext http, ReceivedRequest request)
    {
        var model = System.Text.Json.JsonDocument.Parse(request.Body).RootElement.GetProperty("model").GetString();
        http.Response.ContentType = "text/event-stream";
        for (var i = 0; i < 4; i++)
        {
            await http.Response.WriteAsync($$"""data: {"object":"chat.completion.chunk","model":"{{model}}","choices":[{"index":0,"delta":{"content":"word "} }]}""" + "\n\n");
            await http.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        await http.Response.WriteAsync("data: [DONE]\n\n");
    }

    private sealed record Served(HttpStatusCode Status, long Revision, string[] Versions, bool Complete);
}
