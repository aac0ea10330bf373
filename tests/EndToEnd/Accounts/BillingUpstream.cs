using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>
/// A provider of OpenAI's dialect whose bill is the witness: each request that it answers is billed before its first byte goes out, by the usage that the
/// answer tells. How long answers are is drawn from a seed, within the bound that the request gives.
/// </summary>
internal sealed class BillingUpstream : IAsyncDisposable
{
    /// <summary>In 10⁻⁹ US dollar a token, as <see cref="Model"/> declares it.</summary>
    private const int InputPrice = 1_000;
    private const int OutputPrice = 4_000;
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly TimeSpan _takes;
    private Upstream? _server;
    private int _under;

    private BillingUpstream(TimeSpan takes)
    {
        _takes = takes;
        Seed = Environment.TickCount;
        _random = new Random(Seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
    }

    public int Seed { get; }

    /// <summary>The bill; the sums of each moment grow to this one.</summary>
    public Bill Bill { get; private set; } = new(0, 0, 0, 0);

    /// <summary>What each call was billed, by the id that its client gave it in <c>x-call</c>.</summary>
    public ConcurrentDictionary<string, (int Input, int Output)> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>The most requests under way at one time.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>A provider and a model of a bundle that lead here.</summary>
    public string Model => $$"""
        kind: Provider
        name: biller
        dialect: openai
        address: {{_server!.Address}}/v1
        ---
        kind: Model
        name: billed
        targets: [{ provider: biller, model: billed }]
        price: { input: "1.00 USD", output: "4.00 USD" }
        """;

    /// <summary>Starts on a free port; each answer takes a time.</summary>
    public static async Task<BillingUpstream> StartAsync(TimeSpan takes)
    {
        var upstream = new BillingUpstream(takes);
        upstream._server = await Upstream.StartAsync(upstream.AnswerAsync);
        return upstream;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        var most = body.RootElement.TryGetProperty("max_tokens", out var bound) ? bound.GetInt32() : 100;
        var input = body.RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!.Split(' ').Length;
        var output = Enter(input, most);
        if (request.Headers.TryGetValue("x-call", out var call))
        {
            Assert.True(Calls.TryAdd(call, (input, output)), "a call was sent twice");
        }

        await Task.Delay(_takes, TimeProvider.System, http.RequestAborted);
        var usage = string.Create(CultureInfo.InvariantCulture, $$"""{"prompt_tokens":{{input}},"completion_tokens":{{output}},"total_tokens":{{input + output}}}""");
        if (body.RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean())
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"},\"finish_reason\":\"stop\"}]}\n\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            Leave();
            await http.Response.WriteAsync($"data: {{\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{usage}}}\n\ndata: [DONE]\n\n", http.RequestAborted);
            return;
        }

        Leave();
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(
            $$"""{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"word"},"finish_reason":"stop"}],"usage":{{usage}}}""", http.RequestAborted);
    }

    private int Enter(int input, int most)
    {
        lock (_gate)
        {
            var output = _random.Next(1, most + 1);
            MostAtOnce = Math.Max(MostAtOnce, ++_under);
            Bill = new Bill(Bill.Requests + 1, Bill.InputTokens + input, Bill.OutputTokens + output, Bill.Nano + (input * InputPrice) + (output * OutputPrice));
            return output;
        }
    }

    // Before the last byte goes out: after it the gateway may send the next request at once.
    private void Leave()
    {
        lock (_gate)
        {
            _under--;
        }
    }
}

/// <summary>What was billed in all.</summary>
/// <param name="Nano">10⁻⁹ US dollar.</param>
internal sealed record Bill(long Requests, long InputTokens, long OutputTokens, long Nano)
{
    public long Tokens => InputTokens + OutputTokens;
}
