using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Many clients who spend at one time, every second answer streamed, each until it is refused for good.</summary>
internal sealed class Spender
{
    private const int MostRequests = 2_000;
    private int _answered;
    private int _broken;
    private Refused? _refused;
    private int _refusals;

    /// <summary>Requests that were answered whole.</summary>
    public int Answered => _answered;

    /// <summary>Requests that ended with neither an answer nor a refusal.</summary>
    public int Broken => _broken;

    /// <summary>Requests that were refused.</summary>
    public int Refusals => _refusals;

    /// <summary>One of the refusals.</summary>
    public Refused Refusal => _refused ?? throw new InvalidOperationException("Nobody was refused.");

    /// <summary>Spends until each client was refused by a budget once, lost its edge, or <paramref name="enough"/> requests were answered.</summary>
    public Task SpendAsync(IReadOnlyList<HttpClient> clients, int enough = int.MaxValue) =>
        Task.WhenAll(clients.Select((client, index) => SpendAsync(client, index % 2 == 0, enough)));

    private async Task SpendAsync(HttpClient client, bool first, int enough)
    {
        for (var i = 0; i < MostRequests && Volatile.Read(ref _answered) < enough; i++)
        {
            var stream = (i % 2 == 0) == first ? "true" : "false";
            try
            {
                var call = Guid.NewGuid().ToString("n");
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
                request.Content = Gateway.Json($$"""{"model":"billed","max_tokens":100,"stream":{{stream}},"messages":[{"role":"user","content":"Tell me a story"}]}""");
                request.Headers.Add("x-call", call);
                request.Headers.Add("sluice-tags", $"call={call}");
                using var answer = await client.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    Assert.True(text.Contains("word", StringComparison.Ordinal), text);
                    Interlocked.Increment(ref _answered);
                    continue;
                }

                var error = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error");
                var refused = new Refused(answer.StatusCode, error.GetProperty("code").GetString()!, error.GetProperty("message").GetString()!, answer.Headers.RetryAfter?.Delta);
                Interlocked.Increment(ref _refusals);
                Assert.True(refused.Status == HttpStatusCode.TooManyRequests, $"{refused}");
                if (refused.Code is not "rate_limit_exceeded")
                {
                    _refused = refused;
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _broken);
                return;
            }
        }
    }
}

/// <summary>A refusal as a client sees it.</summary>
internal sealed record Refused(HttpStatusCode Status, string Code, string Message, TimeSpan? RetryAfter);
