using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Settings;

/// <summary>A service that reads and watches over HTTP, with a bound on each wait.</summary>
internal sealed class SettingsReader : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;

    public SettingsReader(Uri admin, string key)
    {
        _http = new HttpClient { BaseAddress = admin, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public SettingsReader(Gateway gateway)
        : this(gateway.Sluice.Admin, gateway.AdminKey)
    {
    }

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bound.Token);
    }

    /// <summary>The events of a watch, until the caller has enough; a comment is no event.</summary>
    public async IAsyncEnumerable<SseItem<string>> WatchAsync(string path, string? last = null)
    {
        using var answer = await GetAsync(path, last is null ? [] : [("Last-Event-ID", last)]);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(bound.Token)).EnumerateAsync(bound.Token))
        {
            yield return item;
        }
    }

    public void Dispose() => _http.Dispose();
}
