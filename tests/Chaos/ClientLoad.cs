using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Sluice.Tests.Chaos;

/// <summary>Clients that send one request after another, each through an edge of its own while that one takes connections, else through the next, as a load balancer does.</summary>
internal sealed class ClientLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly Task _running;

    private ClientLoad(IReadOnlyList<Uri> edges, string key, int clients) =>
        _running = Task.WhenAll(Enumerable.Range(0, clients).Select(n => RunAsync(edges, key, n % edges.Count)));

    /// <summary>Requests without an answer, or with one that is neither success nor clean and retryable.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Answers of 503 and 429 that say when to try again.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    /// <summary>Starts clients with a key.</summary>
    public static ClientLoad Start(IReadOnlyList<Uri> edges, string key, int clients) => new(edges, key, clients);

    /// <summary>Lets each client end its request.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    public override string ToString() => string.Join(", ", _outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}: {o.Value}"));

    private async Task RunAsync(IReadOnlyList<Uri> edges, string key, int edge)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(40) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var pace = new PeriodicTimer(Pace, TimeProvider.System);
        var refusedInARow = 0;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var content = ChatUpstream.Request();
                using var answer = await client.PostAsync(new Uri(edges[edge], "/v1/chat/completions"), content, CancellationToken.None);
                refusedInARow = 0;
                Count(answer, await answer.Content.ReadAsStringAsync(CancellationToken.None));
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError && ++refusedInARow < edges.Count)
            {
                _outcomes.AddOrUpdate("connection refused", 1, static (_, n) => n + 1);
                edge = (edge + 1) % edges.Count;
                continue;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                Fail($"{edges[edge]}: {e.GetBaseException().Message}");
            }

            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private void Count(HttpResponseMessage answer, string body)
    {
        var status = (int)answer.StatusCode;
        _outcomes.AddOrUpdate(FormattableString.Invariant($"{status}"), 1, static (_, n) => n + 1);
        if (answer.StatusCode is HttpStatusCode.OK)
        {
            return;
        }

        var what = FormattableString.Invariant($"{answer.RequestMessage!.RequestUri}: {status} {body}");
        if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter is not null)
        {
            _refusals.Enqueue(what);
        }
        else
        {
            Fail(what);
        }
    }

    private void Fail(string what)
    {
        _outcomes.AddOrUpdate("failed", 1, static (_, n) => n + 1);
        _failures.Enqueue(what);
    }
}
