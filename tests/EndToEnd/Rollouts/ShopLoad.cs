using System.Collections.Concurrent;
using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>Clients who ask one route all the time, each request after the answer to the one before.</summary>
internal sealed class ShopLoad : IAsyncDisposable
{
    private const int Clients = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _client;
    private readonly Task _running;
    private int _user;

    private ShopLoad(Gateway gateway, string path)
    {
        _client = new HttpClient { BaseAddress = gateway.Edge, Timeout = TimeSpan.FromSeconds(30) };
        _running = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskAsync(path))));
    }

    /// <summary>What was answered, and what was no answer.</summary>
    public ConcurrentQueue<ShopAnswer> Answers { get; } = new();

    public static ShopLoad Start(Gateway gateway, string path) => new(gateway, path);

    /// <summary>Ends, and answers all that was answered.</summary>
    public async Task<ShopAnswer[]> EndAsync()
    {
        await _end.CancelAsync();
        await _running;
        return [.. Answers];
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _client.Dispose();
        _end.Dispose();
    }

    private async Task AskAsync(string path)
    {
        while (!_end.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("x-user-id", FormattableString.Invariant($"user-{Interlocked.Increment(ref _user) % 1_000}"));
            try
            {
                using var answer = await _client.SendAsync(request);
                Answers.Enqueue(new ShopAnswer(answer.StatusCode, await answer.Content.ReadAsStringAsync(), Gateway.RevisionOf(answer)));
            }
            catch (HttpRequestException)
            {
                Answers.Enqueue(new ShopAnswer(null, "", 0));
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}

/// <summary>One answer; status null: none came.</summary>
internal sealed record ShopAnswer(HttpStatusCode? Status, string Body, long Revision);
