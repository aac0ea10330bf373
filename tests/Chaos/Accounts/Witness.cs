using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Accounts;

/// <summary>
/// A provider of OpenAI's dialect whose bill is the witness (Q1 of docs/accounting.md): each request is billed before its first byte goes out, by the usage that the answer tells, to the
/// account that it names. After each entry an account's sum is held against the most that its budget ever allowed.
/// </summary>
internal sealed class Witness : IAsyncDisposable
{
    private const int MostPause = 20;
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly Lock _gate = new();
    private readonly Random _random;
    private Upstream? _server;

    private Witness(int seed) => _random = new Random(seed);

    /// <summary>The accounts, by tenant.</summary>
    public IReadOnlyDictionary<string, Account> Accounts { get; } = Account.All().ToDictionary(a => a.Tenant, StringComparer.Ordinal);

    /// <summary>What was billed above a budget.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Entries of the bill.</summary>
    public long Billed
    {
        get
        {
            lock (_gate)
            {
                return Accounts.Values.Sum(a => a.Requests);
            }
        }
    }

    /// <summary>Provider, model and budgets, as YAML.</summary>
    public string Bundle => string.Create(CultureInfo.InvariantCulture, $$"""
        kind: Provider
        name: witness
        dialect: openai
        address: {{_server!.Address}}/v1
        ---
        kind: Model
        name: {{Account.Model}}
        targets: [{ provider: witness, model: {{Account.Model}} }]
        price: { input: "{{Account.InputPrice / 1000m}} USD", output: "{{Account.OutputPrice / 1000m}} USD" }
        """) + string.Concat(Accounts.Values.Select(a => $"\n---\n{a.Budget}"));

    public static async Task<Witness> StartAsync(int seed)
    {
        var witness = new Witness(seed);
        witness._server = await Upstream.StartAsync(witness.AnswerAsync);
        return witness;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        var said = body.RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!.Split(' ');
        var (input, output, pause) = Bill(Accounts[said[0]], said[1], said.Length, body.RootElement.GetProperty("max_tokens").GetInt32());
        await Task.Delay(pause, TimeProvider.System, http.RequestAborted);
        var usage = string.Create(CultureInfo.InvariantCulture, $$"""{"prompt_tokens":{{input}},"completion_tokens":{{output}},"total_tokens":{{input + output}}}""");
        if (body.RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean())
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"},\"finish_reason\":\"stop\"}]}\n\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await http.Response.WriteAsync($"data: {{\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{usage}}}\n\ndata: [DONE]\n\n", http.RequestAborted);
            return;
        }

        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(
            $$"""{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"word"},"finish_reason":"stop"}],"usage":{{usage}}}""", http.RequestAborted);
    }

    private (int Input, int Output, TimeSpan Pause) Bill(Account account, string call, int input, int most)
    {
        lock (_gate)
        {
            var output = _random.Next(1, most + 1);
            account.Bill(call, input, output);
            if (account.Spent > account.MostAllowed)
            {
                _wrong.Enqueue(string.Create(CultureInfo.InvariantCulture, $"Q1: {account.Tenant} was billed {account.Spent} after {account.Requests} requests, its budget never was above {account.MostAllowed}"));
            }

            return (input, output, TimeSpan.FromMilliseconds(_random.Next(MostPause)));
        }
    }
}
