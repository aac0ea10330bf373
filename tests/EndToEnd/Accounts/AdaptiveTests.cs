using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A budget that reserves what answers mostly use serves streams with great caps, and ends the one that it covers no more.</summary>
public sealed class AdaptiveTests(SharedGateway shared)
{
    private const int Amount = 7_000;
    private const int Cap = 100_000;
    private const int Known = 100;
    private const int UsedEach = 30;
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"a{Guid.NewGuid():n}"[..12];
    private int _made;

    [Fact]
    public async Task A_stream_that_no_slice_is_left_for_ends_as_one_whose_cap_is_reached_and_what_its_provider_made_is_charged()
    {
        await using var upstream = await Upstream.StartAsync(AnswerAsync);
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), $"{OwnModel.Budget(_name, Amount)}\nreservation: adaptive"));
        await Parallel.ForAsync(0, Known, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => (await AskAsync(client, 60, stream: false)).Dispose());

        using var answer = await AskAsync(client, Cap, stream: true);
        Assert.False(answer.Headers.Contains("sluice-max-tokens"));
        var events = (await answer.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("data: [DONE]", events[^1]);
        Assert.Contains("\"finish_reason\":\"length\"", events[^3], StringComparison.Ordinal);
        using var told = JsonDocument.Parse(events[^2]["data: ".Length..]);
        var charged = told.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt64();
        var usage = await _gateway.Admin.UsageAsync(_name, Known + 1);
        Assert.Equal((Known * 20) + charged, usage.OutputTokens);

        // Nearly all of the budget was used; each byte was a token. What the provider made until it noticed is a matter of time, and on an idle machine no more than was charged.
        var id = answer.Headers.GetValues("sluice-request-id").Single();
        var attempt = (await _gateway.Admin.GetAsync($"calls/{id}")).GetProperty("attempts")[0];
        var overdraft = attempt.GetProperty("overdraft").GetInt64();
        var left = Amount - (Known * UsedEach);
        Assert.InRange(charged - overdraft, left / 2, left);
        Assert.InRange(Volatile.Read(ref _made), charged - overdraft - 64, Amount);
        Assert.Equal("estimated", attempt.GetProperty("source").GetString());
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"reserved {charged - overdraft}, passed {events.Length - 3}, made {_made}, charged {charged} of an answer"));
    }

    // Answers are short, but for streams: one byte a token, ten in a millisecond or so, until nobody wants more.
    private async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        if (!body.RootElement.GetProperty("stream").GetBoolean())
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}}""", http.RequestAborted);
            return;
        }

        Assert.Equal(Cap, body.RootElement.GetProperty("max_tokens").GetInt32());
        http.Response.ContentType = "text/event-stream";
        try
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                for (var i = 0; i < 10; i++)
                {
                    Interlocked.Increment(ref _made);
                    await http.Response.WriteAsync("data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w\"}}]}\n\n", http.RequestAborted);
                }

                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, http.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway has ended it.
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpClient client, int cap, bool stream)
    {
        var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(
            $$"""{"model":"{{_name}}","max_tokens":{{cap}},"stream":{{(stream ? "true,\"stream_options\":{\"include_usage\":true}" : "false")}},"messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return answer;
    }
}
